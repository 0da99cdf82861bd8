"""What the log's times say: the model of a day, how long it takes, how sure the count is."""
