//! Fitting a model to a tenant's leads, and scoring a million.

use std::hint::black_box;
use std::time::Duration;

use baton_domain::Timestamp;
use criterion::{Criterion, criterion_group, criterion_main};
use lead_scoring::features::{Features, NAMES};
use lead_scoring::logistic::chance;
use lead_scoring::model::Model;

fn leads(n: usize) -> (Vec<Features>, Vec<bool>) {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut one = || {
        let values: Vec<f64> = NAMES.iter().map(|_| 3.0 * rng.f64()).collect();
        let converted = rng.f64() < chance(values[1] - 0.5 * values[5] - 1.0);
        let names = NAMES.iter().map(|name| (*name).to_owned());
        (names.zip(values).collect(), converted)
    };
    (0..n).map(|_| one()).unzip()
}

fn model(bench: &mut Criterion) {
    let (rows, outcomes) = leads(5_000);
    bench.bench_function("fit and calibrate 5,000 leads", |b| {
        b.iter(|| Model::fit(black_box(&rows), &outcomes, 1.0, Timestamp::UNIX_EPOCH));
    });
    let Ok(model) = Model::fit(&rows, &outcomes, 1.0, Timestamp::UNIX_EPOCH) else {
        return;
    };
    let many: Vec<Vec<f64>> = (0..1_000_000)
        .map(|i| rows[i % rows.len()].values().copied().collect())
        .collect();
    let mut group = bench.benchmark_group("a million leads");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    group.bench_function("score", |b| b.iter(|| model.score_many(black_box(&many))));
    group.finish();
}

criterion_group!(benches, model);
criterion_main!(benches);
