"""The waiting room's screens: which number is called to which counter."""
