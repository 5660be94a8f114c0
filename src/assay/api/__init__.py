"""The Python API: thin, over the floors below; the command line is a shell over this."""
