"""The same data to lifetimes, statsmodels and ChannelAttribution: time, peak memory, found figure.

    cargo run --release -p baton-compare
    python3 -m venv target/compare-venv
    target/compare-venv/bin/pip install -r tests/compare/requirements.txt
    target/compare-venv/bin/python tests/compare/compare.py

The first command writes the data and its own results; this script lets the Python libraries do the
same and prints both. Every part runs in a process of its own; the best time counts, the peak is that
of the whole process. Arguments: the folder of the data, and a part of the names of the wanted parts.
"""

import json
import pathlib
import resource
import subprocess
import sys
import time
import warnings

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / "target" / "compare"

# So many of the thousand series are fitted here, and the time is multiplied accordingly.
SERIES = 10


def customers(folder, name):
    import pandas

    return pandas.read_csv(folder / name)


def bg_nbd(folder):
    from lifetimes import BetaGeoFitter

    rows = customers(folder, "cdnow.csv")
    return BetaGeoFitter().fit(rows["x"], rows["t_x"], rows["t"])


def gamma_gamma(folder):
    from lifetimes import GammaGammaFitter

    rows = customers(folder, "cdnow.csv")
    rows = rows[rows["x"] > 0]
    return GammaGammaFitter().fit(rows["x"], rows["mean_spend"])


def bg_nbd_fit(folder):
    from lifetimes import BetaGeoFitter

    rows = customers(folder, "cdnow.csv")
    yield lambda: BetaGeoFitter().fit(rows["x"], rows["t_x"], rows["t"]).params_["alpha"]


def gamma_gamma_fit(folder):
    from lifetimes import GammaGammaFitter

    rows = customers(folder, "cdnow.csv")
    rows = rows[rows["x"] > 0]
    yield lambda: GammaGammaFitter().fit(rows["x"], rows["mean_spend"]).params_["p"]


def million_churn(folder):
    """The chance to be alive and the expected purchases; lifetimes has no chance to stay."""
    model, rows = bg_nbd(folder), customers(folder, "customers.csv")
    x, t_x, t = (rows[name].to_numpy(float) for name in ("x", "t_x", "t"))

    def run():
        model.conditional_probability_alive(x, t_x, t)
        return model.conditional_expected_number_of_purchases_up_to_time(13.0, x, t_x, t).mean()

    yield run


def million_ltv(folder):
    """Discounted by month, where Baton discounts each purchase."""
    model, spend, rows = bg_nbd(folder), gamma_gamma(folder), customers(folder, "customers.csv")
    months = 52.0 / 4.345
    monthly = 1.1 ** (1 / 12) - 1

    def run():
        columns = (rows[name] for name in ("x", "t_x", "t", "mean_spend"))
        found = spend.customer_lifetime_value(
            model, *columns, time=round(months), discount_rate=monthly, freq="W"
        )
        return found.mean()

    yield run


def leads(folder, name):
    rows = customers(folder, name)
    return rows.drop(columns="converted").to_numpy(float), rows["converted"].to_numpy(float)


def leads_fit(folder):
    import statsmodels.api as sm

    rows, outcomes = leads(folder, "leads.csv")
    yield lambda: sm.Logit(outcomes, sm.add_constant(rows)).fit(disp=0).llf


def million_leads(folder):
    import statsmodels.api as sm

    rows, outcomes = leads(folder, "leads.csv")
    model = sm.Logit(outcomes, sm.add_constant(rows)).fit(disp=0)
    many, _ = leads(folder, "many_leads.csv")
    yield lambda: model.predict(sm.add_constant(many)).mean()


def markov(order):
    def part(folder):
        import ChannelAttribution

        rows = customers(folder, "paths.csv")

        def run():
            found = ChannelAttribution.markov_model(
                rows, "path", "conversions", var_value="value", var_null="nulls",
                order=order, verbose=False, flg_pro=False,
            )
            credits = found.set_index("channel_name")["total_conversions"]
            return credits["channel 0"]

        yield run

    return part


def position_rules(folder):
    import ChannelAttribution

    rows = customers(folder, "paths.csv")

    def run():
        found = ChannelAttribution.heuristic_models(
            rows, "path", "conversions", var_value="value", flg_pro=False
        )
        return found.set_index("channel_name")["linear_touch_conversions"]["channel 0"]

    yield run


def ets_thousand(folder):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    lines = (folder / "series.csv").read_text().splitlines()[:SERIES]
    import numpy

    series = [numpy.array(line.split(","), float) for line in lines]

    def fit(one):
        model = ETSModel(one, error="mul", trend="add", damped_trend=True, seasonal="mul",
                         seasonal_periods=12)
        return model.fit(disp=0).llf

    yield lambda: sum(fit(one) for one in series) / len(series)
    yield 1_000 / SERIES


PARTS = {
    "bg-nbd-fit": bg_nbd_fit,
    "gamma-gamma-fit": gamma_gamma_fit,
    "million-churn": million_churn,
    "million-ltv": million_ltv,
    "leads-fit": leads_fit,
    "million-leads": million_leads,
    "markov-1": markov(1),
    "markov-2": markov(2),
    "markov-3": markov(3),
    "position-rules": position_rules,
    "ets-thousand": ets_thousand,
}


def measure(name, folder):
    """One part in this process: repeated for four seconds, three times at least."""
    run, *times = PARTS[name](folder)
    best, started, done = float("inf"), time.perf_counter(), 0
    while done < 3 or time.perf_counter() - started < 4:
        one = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - one)
        done += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    return {"seconds": best * (times[0] if times else 1), "peak_mb": peak, "found": float(found)}


def in_own_process(name, folder):
    command = [sys.executable, __file__, "--part", name, str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def main(folder=FOLDER, only=""):
    folder = pathlib.Path(folder)
    results = folder / "baton.json"
    if not results.exists():
        sys.exit(f"{results} is not there: run `cargo run --release -p baton-compare` first")
    print("| part | Baton ms | Python ms | faster | Baton MB | Python MB | Baton found | Python found |")
    print("|---|---|---|---|---|---|---|---|")
    for ours in json.loads(results.read_text()):
        name = ours["part"]
        if only not in name:
            continue
        cells = [name, f"{ours['seconds'] * 1e3:.2f}", "–", "–", f"{ours['peak_mb']:.0f}", "–",
                 f"{ours['figure']} {ours['found']:.4f}", "–"]
        if name in PARTS:
            theirs = in_own_process(name, folder)
            cells[2] = f"{theirs['seconds'] * 1e3:.1f}"
            cells[3] = f"{theirs['seconds'] / ours['seconds']:.0f}×"
            cells[5] = f"{theirs['peak_mb']:.0f}"
            cells[7] = f"{theirs['found']:.4f}"
        print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(measure(sys.argv[2], pathlib.Path(sys.argv[3]))))
    else:
        main(*sys.argv[1:])
