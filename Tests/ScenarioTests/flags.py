"""What the gate and the controller of an installation are told differently: `flags.py SERVE-HELP CONTROL-HELP`.

Reads the installation's objects (JSON, standard input) and the help of both commands. Flags that both know decide about
clones and must be the same on both, absent or with the same values; those named here are each process's own."""
import json, re, sys

OWN = {
    "--config", "--context", "--health-listen", "--kubeconfig", "--log-format", "--log-level", "--namespace", "--version",
}


def known(path):
    return set(re.findall(r"^ +(--[a-z-]+)", open(path).read(), re.M))


def objects(text):
    at = 0
    while text[at:].strip():
        value, at = json.JSONDecoder().raw_decode(text, at + re.match(r"\s*", text[at:]).end())
        yield from value["items"] if value["kind"] == "List" else [value]


def arguments(container):
    flags = {}
    for name, value in (word.split("=", 1) for word in container["args"] if word.startswith("--")):
        flags.setdefault(name, []).append(value)
    return flags


shared = sorted((known(sys.argv[1]) & known(sys.argv[2])) - OWN)
told = {}
for found in objects(sys.stdin.read()):
    if found["kind"] == "Deployment":
        for container in found["spec"]["template"]["spec"]["containers"]:
            told[container["name"]] = arguments(container)
print(*sorted(told), "by", *shared)
for name in shared if len(told) > 1 else []:
    gate, controller = (told[one].get(name) for one in ("gate", "controller"))
    if gate != controller:
        print(f"{name}: gate {gate}, controller {controller}")
