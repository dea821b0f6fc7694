//! Forecasts on one core: one model on `AirPassengers`, and 1,000 series.

#![allow(missing_docs, reason = "criterion writes items of its own")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use predictive_analytics::ets::{ErrorKind, Season, Spec, Trend, choose, fit};

fn air_passengers() -> Vec<f64> {
    let lines = include_str!("../tests/data/air_passengers.csv")
        .lines()
        .skip(1);
    let value = |line: &str| {
        line.split_once(',')
            .and_then(|(_, value)| value.parse().ok())
    };
    lines.filter_map(value).collect()
}

fn bench(c: &mut Criterion) {
    let air = air_passengers();
    let additive = Spec::new(ErrorKind::Additive, Trend::Additive, Season::Additive);
    let damped = Spec::new(
        ErrorKind::Multiplicative,
        Trend::Damped,
        Season::Multiplicative,
    );
    let mut group = c.benchmark_group("AirPassengers");
    for spec in [additive, damped] {
        group.bench_function(spec.to_string(), |b| {
            b.iter(|| fit(black_box(&air), 12, spec));
        });
    }
    group.bench_function("chosen of fifteen", |b| {
        b.iter(|| choose(black_box(&air), 12));
    });
    group.finish();

    // The same series, each month off by up to a tenth, a thousand times.
    let mut random = fastrand::Rng::with_seed(5);
    let mut other = || air.iter().map(|y| y * (0.9 + 0.2 * random.f64())).collect();
    let thousand: Vec<Vec<f64>> = (0..1_000).map(|_| other()).collect();
    let mut group = c.benchmark_group("1,000 series");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(1_000));
    group.bench_function("ETS(M,Ad,M)", |b| {
        b.iter(|| {
            thousand
                .iter()
                .filter_map(|series| fit(series, 12, damped))
                .count()
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
