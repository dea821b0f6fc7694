//! Analysis of 100,000 journeys over twenty stages on one core.

#![allow(missing_docs, reason = "criterion writes items of its own")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use journey_analysis::journeys::{Event, Journey};
use journey_analysis::{Settings, analyse};

fn journeys(count: usize) -> Vec<Journey> {
    let mut random = fastrand::Rng::with_seed(7);
    let journey = |_| Journey {
        events: (0..random.usize(1..=10))
            .map(|_| Event {
                stage: format!("stage {}", random.u8(0..20)),
                at: None,
            })
            .collect(),
        converted: random.u8(0..10) == 0,
        ..Journey::default()
    };
    (0..count).map(journey).collect()
}

fn bench(c: &mut Criterion) {
    let journeys = journeys(100_000);
    let mut group = c.benchmark_group("journeys");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(100_000));
    group.bench_function("100,000", |b| {
        b.iter(|| analyse(black_box(&journeys), &Settings::default()));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
