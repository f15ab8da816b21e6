//! One change set, as SQL: planned first, without a server, and then run.

mod plan;
mod restore;
mod run;
mod step;

pub(crate) use plan::{Hold, Plan, plan};
pub(crate) use run::{run, run_stage, whole};
pub(crate) use step::{Must, Part, Stage, Step, Together, inserted, marks};
