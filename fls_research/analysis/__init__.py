"""What the audit asks of the statistics: from fractures and counts to estimates that are ready to be released."""
