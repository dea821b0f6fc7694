//! Fitting CDNOW's 2,357 customers, and scoring a million.

use std::hint::black_box;
use std::time::Duration;

use baton_lifetime::value::{Terms, value_many};
use baton_lifetime::{BgNbd, GammaGamma, Sbg, Summary, predict_many};
use criterion::{Criterion, criterion_group, criterion_main};

fn cdnow() -> Vec<Summary> {
    let rows = include_str!("../tests/data/cdnow.csv").lines().skip(1);
    let row = |line: &str| {
        let fields: Vec<f64> = line
            .split(',')
            .filter_map(|field| field.parse().ok())
            .collect();
        let one = Summary {
            x: fields[1] as u32,
            t_x: fields[2],
            t: fields[3],
            mean_spend: fields[4],
            customers: 1,
        };
        vec![one; fields[0] as usize]
    };
    rows.flat_map(row).collect()
}

fn fits(bench: &mut Criterion) {
    let customers = cdnow();
    bench.bench_function("bgnbd fit cdnow", |b| {
        b.iter(|| BgNbd::fit(black_box(&customers)));
    });
    bench.bench_function("gamma-gamma fit cdnow", |b| {
        b.iter(|| GammaGamma::fit(black_box(&customers)));
    });
    let survivors = [1_000, 869, 743, 653, 593, 551, 517, 491];
    bench.bench_function("sbg fit", |b| {
        b.iter(|| Sbg::fit(black_box(&survivors)));
    });
}

fn scores(bench: &mut Criterion) {
    let customers = cdnow();
    let (Ok(model), Ok(spend)) = (BgNbd::fit(&customers), GammaGamma::fit(&customers)) else {
        return;
    };
    // No two of them alike, so that nothing is won by remembering.
    let many: Vec<Summary> = (0..1_000_000_u32)
        .map(|i| {
            let row = customers[i as usize % customers.len()];
            let older = f64::from(i) * 1e-6;
            Summary {
                t: row.t + older,
                ..row
            }
        })
        .collect();
    let mut group = bench.benchmark_group("a million customers");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(10));
    group.bench_function("churn", |b| {
        b.iter(|| predict_many(&model.model, black_box(&many), 13.0));
    });
    let terms = Terms {
        weeks: 52.0,
        annual_rate: 0.1,
    };
    group.bench_function("ltv", |b| {
        b.iter(|| value_many(&model.model, &spend.model, black_box(&many), terms));
    });
    group.finish();
}

criterion_group!(benches, fits, scores);
criterion_main!(benches);
