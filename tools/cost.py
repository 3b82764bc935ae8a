"""Prints docs/functions.md's table of what each function costs beside ReLU, on this machine.

.venv/bin/python tools/cost.py
"""

from actscope import activations


def main() -> None:
    """Prints the table, a line as soon as it is known."""
    print("| function | time, ReLU = 1 |\n| --- | ---: |")
    for activation, ratio in activations.costs(map(activations.get, activations.names())):
        print(f"| `{activation.name}` | {ratio:.2g} |", flush=True)


if __name__ == "__main__":
    main()
