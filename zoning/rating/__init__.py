"""From values to classes and zones: the kernel, its reference, and weights from judgements."""
