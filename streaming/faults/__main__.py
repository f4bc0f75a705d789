"""`python -m streaming.faults cut --when middle --times 0`: a broken provider for your own client."""

import argparse
import time

from streaming.faults.catalogue import FAULTS, WHENS
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer


def main() -> None:
    """Serve one plan until Ctrl+C, and print each action of the server."""
    parser = argparse.ArgumentParser(prog="python -m streaming.faults", description=__doc__)
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--when", choices=WHENS, default="middle")
    parser.add_argument("--times", type=int, default=0, help="how often the fault strikes; 0 for always")
    parser.add_argument("--calls", type=int, default=1, help="number of answers that a run requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    chosen = vars(parser.parse_args())
    server = FaultServer()
    endpoint = server.open(FaultPlan(**{name: chosen[name] for name in chosen if name != "port"}), port=chosen["port"])
    print(f"{FAULTS[chosen['fault']].title}: {endpoint.base_url}", flush=True)
    shown = 0
    try:
        while True:
            for action in endpoint.actions[shown:]:
                print(action.text, flush=True)
                shown += 1
            time.sleep(0.1)
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
