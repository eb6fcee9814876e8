"""Documents for the person at the desk: said as plain values, set as HTML and PDF."""
