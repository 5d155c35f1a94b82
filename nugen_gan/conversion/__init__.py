"""Files of one dialect as one sample, read, selected and written as another."""
