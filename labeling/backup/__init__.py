"""Backups: a project's database and artifacts as one file, consistent, and back again."""

from labeling.backup.restore import restore
from labeling.backup.write import BackupReport, write_backup

__all__ = ["BackupReport", "restore", "write_backup"]
