"""`schemas.py TO`: the Kubernetes schemas of the package kubernetes-validate, in the form that kubeconform reads.

kubeconform asks the network unless it is given files; these refer to each other by addresses, which become file names.
"""

import json
import sys
from pathlib import Path

import kubernetes_validate

RELEASE = "v1.35.0-local-strict"


def main(to: Path) -> None:
    """Writes every schema of RELEASE into the folder `to`."""
    to.mkdir(parents=True, exist_ok=True)
    for file in (Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / RELEASE).glob("*.json"):
        schema = json.loads(file.read_text().replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        (to / file.name).write_text(json.dumps(schema))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
