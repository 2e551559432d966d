"""The report: all figures of a project as one page of HTML and as JSON; it decides nothing."""
