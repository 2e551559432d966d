"""The page of the certificate in force."""

from __future__ import annotations

from pathlib import Path

from labeling.certificates.certificate import Certificate
from labeling.certificates.page import certificate_page
from labeling.errors import GateRefused
from labeling.project import Project
from labeling.rounds.life import ended
from labeling.store import certificates


def write_certificate_page(project: Project, out: Path) -> None:
    """Write the certificate in force as HTML.

    Raises
    ------
    GateRefused
        None is in force.
    """
    with project.store.read() as tx:
        champion, over = certificates.champion(tx), ended(tx)
    if champion is None:
        why = f" {over}" if over else ""
        raise GateRefused(f"certify: no certificate is in force, {out} is not written.{why}")
    certificate = Certificate.from_dict(champion.result)
    out.parent.mkdir(parents=True, exist_ok=True)
    page = certificate_page(certificate, project.config.project, champion.number)
    out.write_text(page, encoding="utf-8")
