"""The columns that a file of refused rows has before its own, so that a corrected row finds the one it sets right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers.spelling import plain_text

ROW = "fila"
"""Number of the refused row."""
COLUMNS = (ROW, "archivo", "línea", "motivo")


def fixed_rows(frame: pd.DataFrame) -> np.ndarray | None:
    """Return (rows,) int64: the refused row that each row sets right, −1 for none; ``None`` if the file says none.

    Parameters
    ----------
    frame
        Cells as written, columns by their plain names.
    """
    if ROW not in frame or plain_text("motivo") not in frame:
        return None
    return np.array([int(each) if each.strip().isdigit() else -1 for each in frame[ROW]], dtype=np.int64)
