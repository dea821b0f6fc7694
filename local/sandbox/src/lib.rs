//! Stand-ins for what surrounds Baton, for laptops and tests: sample data from a seeded generator.

pub mod quintiles;
pub mod sample;
