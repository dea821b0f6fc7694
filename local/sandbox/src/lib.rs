//! Stand-ins for what surrounds Baton, for laptops and tests: sample data from a seeded generator,
//! and an EmailPilot with books and faults.

pub mod emailpilot;
pub mod quintiles;
pub mod sample;
