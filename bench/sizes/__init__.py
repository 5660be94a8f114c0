"""How seconds and memory of a fit grow with rows and columns, on tables made for it."""
