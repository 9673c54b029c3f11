"""How to sign in to a demo district; read by the start, which loads no room for it."""

from __future__ import annotations

from pathlib import Path

PASSWORD = "dongcheng-demo"  # noqa: S105 - meant to be known; a demo district holds nothing secret

SIGN_INS = [
    ("centre", "中心派遣员 / dispatcher"),
    ("lead", "中心负责人 / lead of the centre"),
    ("clerk-hwzx", "单位经办人 / clerk of the sanitation centre"),
    ("clerk-s06", "街道经办人 / clerk of Dongsi street office"),
    ("checker-06", "核查员 / checker of Dongsi street"),
    ("grid-06", "网格员 / grid worker of Dongsi street"),
    ("caller", "回访员 / call-back staff"),
    ("evaluator", "外部评价员 / outside evaluator"),
    ("rules", "规则管理员 / rule editor"),
    ("leader", "区领导 / district leader"),
    ("admin", "系统管理员 / administrator"),
]


def told(folder: Path) -> str:
    """Return the lines that a start prints."""
    names = "\n".join(f"  {name:<12} {what}" for name, what in SIGN_INS)
    return (
        f"demo sign-ins, all with the password {PASSWORD}\n{names}\n"
        f"commands for this district: siquan COMMAND --dir {folder}"
    )
