//! Whole-program decisions before any code is generated: what is reachable, where every piece of state lives, what
//! the file's image already contains and what is left to do at start.

mod image;
mod inline;
mod instantiate;
mod reach;
mod section;
mod state;
mod thread;
mod valgrind;

pub(crate) use image::Image;
pub(crate) use inline::Inlining;
pub(crate) use instantiate::Step;
pub(crate) use reach::Reach;
pub(crate) use section::{Block, DataReloc, Place, Sections, Target};
pub(crate) use state::{
    ExceptionPlan, GlobalPlan, Length, MemoryPlan, SegmentPlan, State, TablePlan, exception_offsets,
};

pub(crate) use thread::ThreadPlan;

use crate::debuginfo::native::watch;
use crate::program::{FuncId, InstanceId};
use crate::translate::Watched;
use crate::{Error, Options, Program};
use cranelift_entity::SecondaryMap;
use std::collections::HashMap;

/// The decisions. Nothing in it changes once it is made.
#[derive(Debug)]
pub(crate) struct Plan {
    pub reach: Reach,
    pub inlining: Inlining,
    /// What is left of each instance's instantiation.
    pub steps: SecondaryMap<InstanceId, Vec<Step>>,
    pub state: State,
    pub image: Image,
    /// If the program starts threads.
    pub threads: Option<ThreadPlan>,
    /// Initial contents, as far as they do not depend on the code.
    pub sections: Sections,
    /// What to follow for debuggers, in the functions that have debug information, if it is made native.
    watched: Option<HashMap<FuncId, Watched>>,
}

impl Plan {
    /// Analyses `program`.
    ///
    /// # Errors
    /// [`Error::Limit`] when its state does not fit the address map.
    pub(crate) fn new(program: &Program<'_>, options: &Options) -> Result<Self, Error> {
        let reach = Reach::new(program);
        let inlining = Inlining::new(program, &reach, options);
        let instantiation = instantiate::plan(program, !reach.threads.is_empty());
        let mut sections = Sections::default();
        let state = State::new(program, options, &reach, &instantiation, &mut sections)?;
        let image = Image::new(&state, &instantiation.writes, &mut sections, options);
        let threads = if reach.threads.is_empty() {
            None
        } else {
            Some(ThreadPlan::new(&state, &mut sections)?)
        };
        Ok(Plan {
            reach,
            inlining,
            steps: instantiation.steps,
            state,
            image,
            threads,
            sections,
            watched: options.debug.then(|| watch(program)),
        })
    }

    /// What to follow in a function.
    pub(crate) fn watched(&self, function: FuncId) -> Option<&Watched> {
        self.watched.as_ref()?.get(&function)
    }
}
