"""What every floor stands on: errors, files, state, seeds, clock, progress, members by name."""
