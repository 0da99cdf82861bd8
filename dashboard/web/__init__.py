"""What all pages share: log-in, shell, words, streams, patience. It knows no page."""
