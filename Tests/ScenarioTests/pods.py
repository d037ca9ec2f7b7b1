"""The pods that the Deployments or DaemonSets of a list (JSON, standard input) would make, as JSON Lines.
An argument puts them all into that namespace."""
import json, sys

for owner in json.load(sys.stdin)["items"]:
    template = owner["spec"]["template"]
    namespace = sys.argv[1] if len(sys.argv) > 1 else owner["metadata"]["namespace"]
    metadata = {**template["metadata"], "name": owner["metadata"]["name"], "namespace": namespace}
    print(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}))
