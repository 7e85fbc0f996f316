//! Where a program spends its time: run under sampling, count by function, and show.
//!
//! [`run`] lets an executable that is built for it write samples ([`nativize_abi::profile`]), [`samples`] reads them,
//! [`image`] says what an address is, [`stacks`] makes a [`Profile`] of both, [`table`] and [`flame`] show it.

mod flame;
mod image;
pub(crate) mod run;
mod samples;
mod stacks;
mod table;

pub(crate) use flame::flame_graph;
pub(crate) use image::Image;
pub(crate) use samples::Samples;
pub(crate) use stacks::profile;
pub(crate) use table::table;

use serde::{Deserialize, Serialize};

/// What [`Profile::format`] is.
const FORMAT: &str = "nativize-profile";
/// What [`Profile::version`] is. It changes when a reader of the old form would misread the new one.
const VERSION: u32 = 1;

/// Where the samples of a run were. Serialized as JSON, it is the profile file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// `nativize-profile`.
    pub(crate) format: String,
    /// 1.
    pub(crate) version: u32,
    /// The program's name, as its messages have it.
    pub(crate) program: String,
    /// Whether the kernel's time for the program counts.
    pub(crate) clock: Clock,
    /// Microseconds of processor time that were asked for between samples. The kernel's clock may be coarser.
    pub(crate) interval_us: u64,
    /// Seconds of processor time of the run.
    pub(crate) cpu_seconds: f64,
    /// How many samples there are.
    pub(crate) samples: u64,
    /// How many more were taken for which there was no room.
    pub(crate) lost: u64,
    /// What samples were in, itself or in what it called; the most samples of its own first.
    pub(crate) frames: Vec<Frame>,
    /// The active calls of samples, each list once.
    pub(crate) stacks: Vec<Stack>,
}

/// Which time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Clock {
    /// The program's and the kernel's for it.
    Processor,
    /// The program's.
    User,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    /// Of which kind it is.
    pub(crate) kind: Kind,
    /// The name for people; the module's, if it names it.
    pub(crate) name: String,
    /// For a function of a module: the number of its instance, 0 for the main module.
    pub(crate) instance: Option<u32>,
    /// For a function of a module: its index there, imported functions included.
    pub(crate) index: Option<u32>,
    /// Samples in it.
    #[serde(rename = "self")]
    pub(crate) own: u64,
    /// Samples in it or in what it called, each once.
    pub(crate) total: u64,
    /// Of the samples in it, how many were at which instruction: its offset in the module's bytes, ascending. It is the
    /// instruction itself or one shortly before.
    pub(crate) offsets: Vec<(u32, u64)>,
}

/// What a frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A function of a module, also one whose body stands in the place of a call.
    Function,
    /// A function of the runtime that a module called: of WASI, or for an instruction.
    Host,
    /// The runtime, on its own account.
    Runtime,
}

/// Samples with the same active calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stack {
    /// How many.
    pub(crate) samples: u64,
    /// Numbers of frames, the outermost first.
    pub(crate) frames: Vec<u32>,
}

impl Profile {
    /// Reads a profile file.
    ///
    /// # Errors
    /// Why it is none, as a sentence.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let profile: Profile =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no profile: {error}"))?;
        if profile.format != FORMAT {
            return Err(format!("its format is not {FORMAT}"));
        }
        if profile.version != VERSION {
            return Err(format!(
                "its version is {}, and this nativize reads version {VERSION}",
                profile.version
            ));
        }
        let frames = profile.frames.len() as u64;
        let mut numbers = profile.stacks.iter().flat_map(|stack| &stack.frames);
        if numbers.any(|&number| u64::from(number) >= frames) {
            return Err("a stack refers to a frame that is not there".to_owned());
        }
        Ok(profile)
    }

    /// The share of `samples` in all.
    pub(crate) fn share(&self, samples: u64) -> f64 {
        samples as f64 / self.samples.max(1) as f64
    }
}
