"""What is to be done from time to time, whoever asks: one file for each job, one scheduler."""
