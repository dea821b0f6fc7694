//! Stand-ins for what surrounds Baton, for laptops and tests: sample data from a seeded generator,
//! an EmailPilot with books and faults, and a marketplace with its Payment Manager.

pub mod emailpilot;
pub mod faults;
mod journal;
pub mod marketplace;
pub mod payments;
pub mod quintiles;
pub mod sample;
