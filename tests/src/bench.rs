//! The bench: what the gateway costs against a bare reverse proxy over the same fast upstream, in one run.
//!
//! `fast.rs` is that upstream and `proxy.rs` that proxy, each with a program of its own; `run.rs` starts all processes,
//! takes the measurements of `measure.rs` in interleaved rounds and prints the table of `report.rs`. `make bench` runs
//! `src/bin/load.rs`. `money.rs` compares the hub with itself, with money and without, `converted.rs` calls that are
//! converted with those that pass. Absolute numbers belong to one machine; the ratios carry over.

pub mod clock;
pub mod converted;
mod disk;
pub mod fast;
mod hub;
mod measure;
pub mod money;
mod process;
pub mod proxy;
mod report;
mod rows;
pub mod run;
mod sample;
mod target;
mod wire;
