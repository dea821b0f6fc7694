//! Attribution of 10,000 and 100,000 paths on one core, from paths as callers hold them to credits.

#![allow(missing_docs, reason = "criterion writes items of its own")]

use std::hint::black_box;

use attribution::paths::{Path, Table};
use attribution::{Model, attribute, markov};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Walks over ten channels, 1 to 10 touches long, of which one in ten converts.
fn paths(count: usize) -> Vec<Path> {
    let mut random = fastrand::Rng::with_seed(7);
    let channels: Vec<String> = (0..10).map(|n| format!("channel {n}")).collect();
    let path = |_| {
        let converted = random.u8(0..10) == 0;
        let steps = (0..random.usize(1..=10)).map(|_| channels[random.usize(0..10)].clone());
        Path {
            steps: steps.collect(),
            conversions: f64::from(u8::from(converted)),
            nulls: f64::from(u8::from(!converted)),
            value: if converted { 49.0 } else { 0.0 },
            ..Path::default()
        }
    };
    (0..count).map(path).collect()
}

fn bench(c: &mut Criterion) {
    for count in [10_000, 100_000] {
        let paths = paths(count);
        let mut group = c.benchmark_group(format!("{count} paths"));
        group
            .sample_size(20)
            .throughput(Throughput::Elements(count as u64));
        for order in [1, 2, 3] {
            group.bench_function(format!("markov of order {order}"), |b| {
                b.iter(|| {
                    let table = Table::of(black_box(&paths)).expect("paths are sound");
                    markov::attribute(&table, order)
                });
            });
        }
        group.bench_function("every model", |b| {
            b.iter(|| attribute(black_box(&paths), 1, 7.0, &Model::ALL));
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
