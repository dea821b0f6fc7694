//! The state types: each file checks its own fields and takes its own step.

mod choice;
mod comparison;
mod dataset;
mod distributed;
mod fail;
mod items;
mod iterations;
mod map;
mod map_check;
mod map_run;
mod operator;
mod parallel;
mod pass;
mod succeed;
mod task;
mod wait;

pub(crate) use choice::Choice;
pub(crate) use distributed::{Child, Transfer};
pub(crate) use fail::Fail;
pub(crate) use iterations::MapRun;
pub(crate) use map::MapState;
pub(crate) use parallel::{Parallel, ParallelRun};
pub(crate) use pass::Pass;
pub(crate) use succeed::Succeed;
pub(crate) use task::{Task, TaskRun};
pub(crate) use wait::Wait;

use crate::execution::{Execution, FrameId};
use crate::failure::Failure;
use crate::model::State;

/// What a state does.
#[derive(Debug)]
pub(crate) enum Kind {
    Task(Task),
    Pass(Pass),
    Choice(Choice),
    Wait(Wait),
    Succeed(Succeed),
    Fail(Fail),
    Parallel(Parallel),
    Map(Box<MapState>),
}

/// The type of a state, as event names begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum StateType {
    Task,
    Pass,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}

impl Kind {
    pub(crate) fn state_type(&self) -> StateType {
        match self {
            Self::Task(_) => StateType::Task,
            Self::Pass(_) => StateType::Pass,
            Self::Choice(_) => StateType::Choice,
            Self::Wait(_) => StateType::Wait,
            Self::Succeed(_) => StateType::Succeed,
            Self::Fail(_) => StateType::Fail,
            Self::Parallel(_) => StateType::Parallel,
            Self::Map(_) => StateType::Map,
        }
    }
}

impl State {
    /// Does the state's work: leaves it, or starts what it waits for.
    pub(crate) fn work(&self, run: &mut Execution, frame: FrameId) -> Result<(), Failure> {
        match &self.kind {
            Kind::Task(task) => task.work(self, run, frame),
            Kind::Pass(pass) => pass.work(self, run, frame),
            Kind::Choice(choice) => choice.work(self, run, frame),
            Kind::Wait(wait) => wait.work(self, run, frame),
            Kind::Succeed(succeed) => succeed.work(self, run, frame),
            Kind::Fail(fail) => fail.work(run, frame),
            Kind::Parallel(parallel) => parallel.work(self, run, frame),
            Kind::Map(map) => map.work(self, run, frame),
        }
    }
}
