"""The mask check on labelled pictures, and the training of its networks."""
