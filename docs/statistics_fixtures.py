"""Make fixtures/statistics: data sets with what reference implementations say of them.

Run once, by hand, in an environment of its own; neither pitboard nor its tests import these libraries:

    python -m venv /tmp/reference && /tmp/reference/bin/pip install lifelines statsmodels ruptures
    /tmp/reference/bin/python docs/statistics_fixtures.py fixtures/statistics
"""

from __future__ import annotations

import itertools
import json
import math
import re
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from statistics import NormalDist, median

import lifelines
import numpy as np
import ruptures
import scipy
import statsmodels
from lifelines import AalenJohansenFitter, KaplanMeierFitter, datasets
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import qth_survival_time, restricted_mean_survival_time
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

MADE_WITH = {m.__name__: m.__version__ for m in (lifelines, statsmodels, ruptures, scipy, np)}
TIE = 1e-12  # products of fractions that should be equal differ by less
EVENT, CENSORED, COMPETING = "event", "censored", "competing"


def number(value):
    return None if value is None or not math.isfinite(value) else float(f"{value:.12g}")


def numbers(values):
    return [number(float(v)) for v in values]


def lives_of(frame, time, event, group=None, entry=None):
    rows = []
    for row in frame.to_dict("records"):
        entered = float(row[entry]) if entry else 0.0
        ended = EVENT if int(row[event]) else CENSORED
        rows.append([entered, float(row[time]), ended, "", str(row[group]) if group else "all"])
    return rows


def survival_of(rows, until=None):
    entry, time = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    event = np.array([r[2] == EVENT for r in rows])
    # who enters at the very time of a death was not watched before it: R's rule, which lifelines needs told
    late = np.where(entry > 0, entry + 1e-7, 0.0) if entry.any() else None
    fitter = KaplanMeierFitter().fit(time, event, entry=late)
    table = fitter.event_table
    bounds = fitter.confidence_interval_.copy()
    survival = fitter.survival_function_["KM_estimate"]
    # Greenwood's variance is not defined once everybody has died: R's survfit says NA, lifelines 0
    bounds.loc[survival.to_numpy() <= 1e-12, bounds.columns[1]] = np.nan
    exits = [t for t in table.index if table.loc[t, "removed"] > 0]
    expected = {
        "time": numbers(exits),
        "survival": numbers(survival.loc[exits]),
        "lower": numbers(bounds.iloc[:, 0].loc[exits]),
        "upper": numbers(bounds.iloc[:, 1].loc[exits]),
        "at_risk": [int(table.loc[t, "at_risk"]) for t in exits],
        "events": [int(table.loc[t, "observed"]) for t in exits],
        "quantiles": {
            str(q): [
                number(float(qth_survival_time(1 - q + TIE, survival))),
                *(number(float(qth_survival_time(1 - q + TIE, bounds.iloc[:, i].dropna()))) for i in (0, 1)),
            ]
            for q in (0.1, 0.25, 0.5)
        },
    }
    if not entry.any():
        tau = until or float(np.median(time))
        expected["rmst"] = [tau, number(restricted_mean_survival_time(fitter, t=tau))]
    return expected


def survival_set(name, source, rows, until=None, published=None):
    groups = defaultdict(list)
    for row in rows:
        groups[row[4]].append(row)
    expected = {"groups": {key: survival_of(group, until) for key, group in sorted(groups.items())}}
    if len(groups) > 1 and not any(row[0] for row in rows):
        test = multivariate_logrank_test(
            [r[1] for r in rows], [r[4] for r in rows], [r[2] == EVENT for r in rows]
        )
        expected["log_rank"] = [number(test.test_statistic), len(groups) - 1, number(test.p_value)]
    elif len(groups) == 2:  # without ties the log-rank test is the score test of Cox's model
        first = min(groups)
        died = [r[1] for r in rows if r[2] == EVENT]
        assert len(died) == len(set(died))
        model = PHReg(
            np.array([r[1] for r in rows]),
            np.array([[float(r[4] == first)] for r in rows]),
            status=np.array([int(r[2] == EVENT) for r in rows]),
            entry=np.array([r[0] for r in rows]),
        )
        zero = np.zeros(1)
        statistic = float(model.score(zero)[0] ** 2 / -model.hessian(zero)[0, 0])
        expected["log_rank"] = [number(statistic), 1, number(float(scipy.stats.chi2.sf(statistic, 1)))]
    return {"name": name, "source": source, "lives": rows, "expected": expected, "published": published or {}}


def incidence_set(name, source, rows):
    causes = sorted({r[3] for r in rows if r[3]})
    codes = np.array([causes.index(r[3]) + 1 if r[3] else 0 for r in rows])
    times = np.array([r[1] for r in rows])
    ends = [r[1] for r in rows if r[3]]
    tied = len(ends) != len(set(ends))
    expected = {"incidence": {}}
    fit = CumIncidenceRight(times, codes)
    for index, cause in enumerate(causes):
        entry = {"by": "statsmodels", "time": numbers(fit.times), "share": numbers(fit.cinc[index])}
        if not tied:
            exact = AalenJohansenFitter().fit(times, codes, event_of_interest=index + 1)
            at = sorted(set(ends))
            shares = exact.cumulative_density_.iloc[:, 0].loc[at]
            spread = exact.variance_.loc[at]
            bounds = exact.confidence_interval_.loc[at]
            entry = {
                "by": "lifelines and statsmodels",
                "time": numbers(at),
                "share": numbers(shares),
                "error": numbers(np.sqrt(spread)),
                "lower": numbers(bounds.iloc[:, 0]),
                "upper": numbers(bounds.iloc[:, 1]),
            }
            assert np.allclose(shares, [dict(zip(fit.times, fit.cinc[index], strict=True))[t] for t in at])
        expected["incidence"][cause] = entry
    return {"name": name, "source": source, "lives": rows, "expected": expected, "published": {}}


def miller():
    maintained = [
        (9, 1),
        (13, 1),
        (13, 0),
        (18, 1),
        (23, 1),
        (28, 0),
        (31, 1),
        (34, 1),
        (45, 0),
        (48, 1),
        (161, 0),
    ]
    others = [
        (5, 1),
        (5, 1),
        (8, 1),
        (8, 1),
        (12, 1),
        (16, 0),
        (23, 1),
        (27, 1),
        (30, 1),
        (33, 1),
        (43, 1),
        (45, 1),
    ]
    named = {"Maintained": maintained, "Nonmaintained": others}
    return [
        [0.0, float(t), EVENT if e else CENSORED, "", name] for name, rows in named.items() for t, e in rows
    ]


def soak_night(seed, cars=8, cap=1200.0):
    """Eight cars, five lives each, cut at 20 minutes and polled every ten seconds, so that deaths tie."""
    chance = np.random.default_rng(seed)
    rows = []
    for car in range(cars):
        for life in 1080.0 * chance.weibull(9.0, size=5):
            polled = math.ceil(life / 10.0) * 10.0
            rows.append(
                [
                    0.0,
                    min(polled, cap),
                    EVENT if polled < cap else CENSORED,
                    "",
                    "set A" if car < 4 else "set B",
                ]
            )
    return rows


def soak_late(seed, lives=60):
    """Lives whose battery was not full at the start: watched from a later origin, without ties."""
    chance = np.random.default_rng(seed)
    rows = []
    while len(rows) < lives:
        entered = float(chance.choice([0.0, chance.uniform(30.0, 400.0)]))
        life, taken = 700.0 * chance.weibull(4.0), entered + chance.exponential(900.0)
        if life > entered:
            ended = EVENT if life < taken else CENSORED
            rows.append(
                [round(entered, 6), round(min(life, taken), 6), ended, "", f"set {'AB'[len(rows) % 2]}"]
            )
    return rows


def soak_competing(seed, lives, poll=None):
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(lives):
        ends = {
            "battery": 900.0 * chance.weibull(6.0),
            "radio loss": chance.exponential(4000.0),
            "stall": chance.exponential(6000.0),
            "off track": chance.exponential(5000.0),
            "": 1000.0,
        }
        cause = min(ends, key=ends.get)
        time = math.ceil(ends[cause] / poll) * poll if poll else round(ends[cause], 6)
        ended = CENSORED if not cause else EVENT if cause == "battery" else COMPETING
        rows.append([0.0, min(time, 1000.0), ended, cause, "all"])
    return rows


def senators():
    frame = datasets.load_canadian_senators().head(100)
    rows = []
    for index, row in enumerate(frame.to_dict("records")):
        reason = str(row["reason"]).strip().lower() if row["observed"] else ""
        cause = (
            reason
            if reason in {"deceased", "death", "resignation", "retirement"}
            else "other"
            if reason
            else ""
        )
        # a share of a day apart, so that no two ends tie
        rows.append(
            [0.0, float(row["diff_days"]) + index / 1000.0, COMPETING if cause else CENSORED, cause, "all"]
        )
    return rows


def survival_sets():
    lung = datasets.load_lung()
    lung["status"] = (lung["status"] == lung["status"].max()).astype(int)
    lung["everybody"] = "all"
    larynx = datasets.load_larynx()
    larynx["stage"] = np.select(
        [larynx[f"Stage_{s}"] == 1 for s in ("II", "III", "IV")], ["2", "3", "4"], "1"
    )
    heart = datasets.load_stanford_heart_transplants()
    heart = heart[heart["start"] < heart["stop"]]
    patients = datasets.load_psychiatric_patients()
    patients["exit"] = patients["Age"] + patients["T"]
    macs = datasets.load_multicenter_aids_cohort_study()
    yield survival_set(
        "leukemia_6mp",
        "Freireich et al., Blood 21 (1963) 699: weeks of remission with 6-MP (0) and placebo (1); via lifelines",
        lives_of(datasets.load_leukemia(), "t", "status", "Rx"),
        until=20.0,
        published={
            "from": "Klein & Moeschberger, Survival Analysis (2003), tables 4.1 and 7.x; Collett (2003)",
            "group": "0",
            "survival": {"6": 0.857, "10": 0.753, "23": 0.448},
            "log_rank": 16.79,
        },
    )
    yield survival_set(
        "aml",
        "Miller, Survival Analysis (1981) 49: weeks of remission with and without maintained chemotherapy",
        miller(),
        until=45.0,
        published={
            "from": "R survival: print(survfit(Surv(time, status) ~ x, aml), rmean = 161) and survdiff",
            "rmst": {"Maintained": [161.0, 52.65, 19.83], "Nonmaintained": [161.0, 22.71, 4.18]},
            "median": {"Maintained": 31.0, "Nonmaintained": 23.0},
            "log_rank": 3.40,
        },
    )
    yield survival_set(
        "lung_by_sex",
        "Loprinzi et al., J. Clin. Oncol. 12 (1994) 601 (NCCTG): days with advanced lung cancer; via lifelines",
        lives_of(lung, "time", "status", "sex"),
        until=500.0,
        published={"from": "R survival: survdiff(Surv(time, status) ~ sex, lung)", "log_rank": 10.3},
    )
    yield survival_set(
        "lung",
        "Loprinzi et al., J. Clin. Oncol. 12 (1994) 601 (NCCTG), all patients; via lifelines",
        lives_of(lung, "time", "status", "everybody"),
        until=1022.0,
        published={
            "from": "R survival: print(survfit(Surv(time, status) ~ 1, lung), rmean = 'common')",
            "rmst": {"all": [1022.0, 376.3, 19.7]},
        },
    )
    yield survival_set(
        "rossi",
        "Rossi, Berk & Lenihan, Money, Work and Crime (1980): weeks to arrest by financial aid; via lifelines",
        lives_of(datasets.load_rossi(), "week", "arrest", "fin"),
    )
    yield survival_set(
        "waltons",
        "lifelines' waltons: days lived by flies of two groups",
        lives_of(datasets.load_waltons(), "T", "E", "group"),
    )
    yield survival_set(
        "larynx",
        "Kardaun, Stat. Neerl. 37 (1983) 103: years with cancer of the larynx by stage; via lifelines",
        lives_of(larynx, "time", "death", "stage"),
    )
    yield survival_set(
        "gbsg2",
        "Schumacher et al., J. Clin. Oncol. 12 (1994) 2086: days without recurrence by hormone therapy; via lifelines",
        lives_of(datasets.load_gbsg2(), "time", "cens", "horTh"),
    )
    yield survival_set(
        "g3",
        "Grana et al., Eur. J. Nucl. Med. 29 (2002) 1315: months with glioma by treatment; via lifelines",
        lives_of(datasets.load_g3(), "time", "event", "group"),
    )
    yield survival_set(
        "stanford_heart",
        "Crowley & Hu, JASA 72 (1977) 27: days after a heart transplant, watched from the transplant; via lifelines",
        lives_of(heart[heart["transplant"] == 1], "stop", "event", None, "start"),
    )
    yield survival_set(
        "psychiatric_patients",
        "Woolson, Biometrics 37 (1981) 687: age at death, watched from admission; via lifelines",
        lives_of(patients, "exit", "C", None, "Age"),
    )
    yield survival_set(
        "multicenter_aids",
        "Hosmer & Lemeshow / Klein & Moeschberger, MACS: years from infection to AIDS, entered late; via lifelines",
        lives_of(macs, "T", "D", None, "W"),
    )
    synthetic = "synthetic, docs/statistics_fixtures.py"
    yield survival_set(
        "soak_night", f"{synthetic}: polled lives cut at 20 min, ties", soak_night(4), until=1000.0
    )
    yield survival_set("soak_late_entry", f"{synthetic}: batteries not full at the start", soak_late(5))
    yield survival_set(
        "soak_all_cut",
        f"{synthetic}: nobody died",
        [[0.0, 1200.0, CENSORED, "", "all"]] * 8 + [[0.0, 640.0, CENSORED, "", "all"]],
    )
    yield survival_set(
        "soak_one_death",
        f"{synthetic}: one death among lives cut short",
        [[0.0, 1200.0, CENSORED, "", "all"]] * 3
        + [[0.0, 910.0, EVENT, "", "all"], [0.0, 600.0, CENSORED, "", "all"]],
    )
    yield incidence_set("soak_competing", f"{synthetic}: four ends compete", soak_competing(6, 80))
    yield incidence_set(
        "soak_competing_ties", f"{synthetic}: four ends compete, polled", soak_competing(7, 120, 25.0)
    )
    yield incidence_set(
        "senators",
        "Parliament of Canada: days in office of senators by how they left, ends set apart; via lifelines",
        senators(),
    )


def shifts():
    """Hollander & Wolfe (1973) 69: permeability of the human chorioamnion at term and earlier."""
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    early = [1.15, 0.88, 0.90, 0.74, 1.21]
    chance = np.random.default_rng(8)
    seven, eight = (numbers(np.round(chance.gamma(4.0, 0.5, n), 3)) for n in (7, 8))
    for name, a, b, published in (
        ("Hollander & Wolfe (1973) 69", early, term, {"p": 0.2544, "value": 0.305, "from": "R ?wilcox.test"}),
        ("gamma latencies", seven, eight, {}),
    ):
        counts = defaultdict(int)
        for ranks in itertools.combinations(range(len(a) + len(b)), len(b)):
            counts[sum(ranks) - len(b) * (len(b) - 1) // 2] += 1
        total, below, rank = math.comb(len(a) + len(b), len(b)), 0, 0
        while (below + counts[rank]) / total <= 0.025:
            below, rank = below + counts[rank], rank + 1
        differences = sorted(y - x for x in a for y in b)
        wins = sum(y > x for x in a for y in b)
        tail = sum(n for u, n in counts.items() if u >= max(wins, len(a) * len(b) - wins)) / total
        yield {
            "source": name,
            "made_with": "every order of the samples counted out",
            "a": a,
            "b": b,
            "value": number(median(differences)),
            "lower": number(differences[rank - 1]),
            "upper": number(differences[-rank]),
            "p": number(min(1.0, 2 * tail)),
            "published": published,
        }


def slopes():
    chance = np.random.default_rng(9)
    nights = list(range(30))
    fading = numbers(np.round(900.0 * 0.985 ** np.arange(30) * (1 + 0.03 * chance.standard_normal(30)), 3))
    for source, x, y in (
        ("Sen, JASA 63 (1968) 1379, section 6", [1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]),
        ("synthetic: a battery that fades 1.5 % a night", nights, fading),
    ):
        pairs = sorted((y[j] - y[i]) / (x[j] - x[i]) for i, j in itertools.combinations(range(len(x)), 2))
        n = len(x)
        spread = NormalDist().inv_cdf(0.975) * math.sqrt(n * (n - 1) * (2 * n + 5) / 18.0)
        upper = min(len(pairs) - 1, round((len(pairs) + spread) / 2))
        lower = max(0, round((len(pairs) - spread) / 2) - 1)
        yield {
            "source": source,
            "made_with": "all pairs and Sen's normal rank",
            "x": x,
            "y": y,
            "value": number(median(pairs)),
            "lower": number(pairs[lower]),
            "upper": number(pairs[upper]),
        }


def tables():
    """Bickel, Hammel & O'Connell, Science 187 (1975) 398: admissions to Berkeley by department."""
    admitted = [
        ([512, 313], [89, 19]),
        ([353, 207], [17, 8]),
        ([120, 205], [202, 391]),
        ([138, 279], [131, 244]),
        ([53, 138], [94, 299]),
        ([22, 351], [24, 317]),
    ]
    chance = np.random.default_rng(10)
    nights = [[chance.integers(1, 12, 2).tolist(), chance.integers(1, 40, 2).tolist()] for _ in range(5)]
    for source, strata in (("Bickel et al., Science 187 (1975) 398", admitted), ("synthetic", nights)):
        table = StratifiedTable([np.array(s) for s in strata])
        plain, corrected = table.test_null_odds(correction=False), table.test_null_odds(correction=True)
        yield {
            "source": source,
            "strata": [[list(map(int, row)) for row in s] for s in strata],
            "odds_ratio": number(table.oddsratio_pooled),
            "statistic": number(plain.statistic),
            "p": number(plain.pvalue),
            "corrected": [number(corrected.statistic), number(corrected.pvalue)],
        }


def rates():
    for good, n in ((20, 20), (0, 20), (57, 60), (1, 3), (480, 500)):
        for confidence in (0.9, 0.95):
            low, high = proportion_confint(good, n, 1 - confidence, "wilson")
            near, far = proportion_confint(good, n, 1 - confidence, "beta")
            yield [good, n, confidence, *numbers([low, high, near, far])]


def series():
    chance = np.random.default_rng(11)
    for at, steps in ((12, (1.0, 1.3)), (15, (1.0, 0.7)), (20, (1.0, 1.3))):
        level = np.where(np.arange(30) < at, *steps)
        values = np.round(2.0 * level * (1 + 0.05 * chance.standard_normal(30)), 5)
        found = ruptures.Binseg(model="l2", min_size=3, jump=1).fit(values).predict(n_bkps=1)[:-1]
        yield {
            "source": f"synthetic: a step at {at} in 5 % noise",
            "values": numbers(values),
            "changes": found,
        }


def write(path: Path, content):
    """JSON with every innermost list on one line."""
    text = json.dumps(content, indent=1)
    flat = re.sub(r"\[([^\[\]{}]*)\]", lambda m: "[" + " ".join(m[1].split()) + "]", text)
    path.write_text(flat + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for found in survival_sets():
        head = {"name": found["name"], "source": found["source"], "made_with": MADE_WITH}
        write(folder / f"{found['name']}.json", {**head, **found})
    ps = [0.001, 0.04, 0.03, 0.005, 0.8, 0.03]
    others = {
        "made_with": MADE_WITH,
        "shifts": list(shifts()),
        "slopes": list(slopes()),
        "tables": list(tables()),
        "rates": list(rates()),
        "series": list(series()),
        "holm": {"p": ps, "adjusted": numbers(multipletests(ps, method="holm")[1])},
    }
    write(folder / "two_nights.json", others)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
