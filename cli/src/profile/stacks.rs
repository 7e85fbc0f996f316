//! Samples -> how often each function was active.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::image::{Image, Location};
use super::samples::{Sample, Samples};
use super::{Clock, FORMAT, Frame, Kind, Profile, Stack, VERSION};

/// What tells one frame from others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Identity<'a> {
    Function { instance: u32, index: u32 },
    Host(&'a str),
    Runtime,
    Deep,
}

/// Counts `samples` of the program in `image`.
pub(crate) fn profile(
    samples: &Samples,
    image: &Image<'_>,
    program: &str,
    cpu_seconds: f64,
) -> Profile {
    let mut frames = Frames::default();
    let mut stacks: HashMap<Vec<u32>, u64> = HashMap::new();
    let mut count = 0;
    for sample in samples.iter() {
        let stack = frames.stack(image, &sample);
        *stacks.entry(stack).or_default() += 1;
        count += 1;
    }
    let mut stacks: Vec<Stack> = stacks
        .into_iter()
        .map(|(frames, samples)| Stack { samples, frames })
        .collect();
    frames.count(&stacks);
    let numbers = frames.sort();
    for stack in &mut stacks {
        for frame in &mut stack.frames {
            *frame = numbers[*frame as usize];
        }
    }
    stacks.sort_by(|a, b| (b.samples, &a.frames).cmp(&(a.samples, &b.frames)));
    Profile {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: program.to_owned(),
        clock: if samples.user_time {
            Clock::User
        } else {
            Clock::Processor
        },
        interval_us: samples.interval,
        cpu_seconds,
        samples: count,
        lost: samples.lost,
        frames: frames.list,
        stacks,
    }
}

#[derive(Default)]
struct Frames<'a> {
    numbers: HashMap<Identity<'a>, u32>,
    list: Vec<Frame>,
    offsets: Vec<BTreeMap<u32, u64>>,
}

impl<'a> Frames<'a> {
    fn number(&mut self, identity: Identity<'a>, name: impl FnOnce() -> String) -> u32 {
        let list = &mut self.list;
        let offsets = &mut self.offsets;
        *self.numbers.entry(identity.clone()).or_insert_with(|| {
            let (kind, instance, index) = match identity {
                Identity::Function { instance, index } => {
                    (Kind::Function, Some(instance), Some(index))
                }
                Identity::Host(_) => (Kind::Host, None, None),
                Identity::Runtime | Identity::Deep => (Kind::Runtime, None, None),
            };
            list.push(Frame {
                kind,
                name: name(),
                instance,
                index,
                own: 0,
                total: 0,
                offsets: Vec::new(),
            });
            offsets.push(BTreeMap::new());
            u32::try_from(list.len() - 1).expect("frames are fewer than functions")
        })
    }

    fn function(&mut self, image: &Image<'a>, location: &Location) -> u32 {
        let Location {
            instance, index, ..
        } = *location;
        self.number(Identity::Function { instance, index }, || {
            match image.name(location.name) {
                Some(name) => name.to_owned(),
                None if instance == 0 => format!("wasm function {index}"),
                None => format!("wasm function {index} of instance {instance}"),
            }
        })
    }

    /// The frames of a sample, the outermost first.
    fn stack(&mut self, image: &Image<'a>, sample: &Sample) -> Vec<u32> {
        let mut stack = Vec::new();
        if sample.in_host {
            let name = sample.calls.first().and_then(|&call| image.called(call));
            stack.push(match (name, &sample.calls[..]) {
                (Some(name), _) => {
                    let shown = host_name(name);
                    self.number(Identity::Host(name), || shown)
                }
                (None, []) => self.number(Identity::Runtime, || "[runtime]".to_owned()),
                (None, _) => self.number(Identity::Host(""), || "[host function]".to_owned()),
            });
        } else {
            let locations = image.at_instruction(sample.program_counter);
            if let Some(innermost) = locations.first() {
                let frame = self.function(image, innermost);
                if let Some(offset) = innermost.wasm_offset {
                    *self.offsets[frame as usize].entry(offset).or_default() += 1;
                }
            }
            self.push(image, &locations, &mut stack);
            if let Some(call) = image.caller_without_frame(sample.program_counter, sample.top) {
                self.push(image, &image.at_call(call), &mut stack);
            }
        }
        for &call in &sample.calls {
            self.push(image, &image.at_call(call), &mut stack);
        }
        if sample.is_deep {
            stack.push(self.number(Identity::Deep, || "[more calls]".to_owned()));
        }
        if stack.is_empty() {
            stack.push(self.number(Identity::Runtime, || "[runtime]".to_owned()));
        }
        stack.reverse();
        stack
    }

    fn push(&mut self, image: &Image<'a>, locations: &[Location], stack: &mut Vec<u32>) {
        for location in locations {
            stack.push(self.function(image, location));
        }
    }

    /// Counts the samples of each frame.
    fn count(&mut self, stacks: &[Stack]) {
        for stack in stacks {
            if let Some(&innermost) = stack.frames.last() {
                self.list[innermost as usize].own += stack.samples;
            }
            let different: HashSet<u32> = stack.frames.iter().copied().collect();
            for frame in different {
                self.list[frame as usize].total += stack.samples;
            }
        }
        for (frame, offsets) in self.list.iter_mut().zip(&self.offsets) {
            frame.offsets = offsets.iter().map(|(&at, &count)| (at, count)).collect();
        }
    }

    /// Puts those with the most samples of their own first, and gives the new number of each.
    fn sort(&mut self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        let key = |at: &usize| {
            let frame = &self.list[*at];
            let most_first = (u64::MAX - frame.own, u64::MAX - frame.total);
            (most_first, frame.instance, frame.index, frame.name.clone())
        };
        order.sort_by_cached_key(key);
        let mut numbers = vec![0; order.len()];
        for (number, &at) in (0..).zip(&order) {
            numbers[at] = number;
        }
        self.list = order.iter().map(|&at| self.list[at].clone()).collect();
        numbers
    }
}

/// What people call a function of the runtime: `nvz_p1_fd_write` is `fd_write`, `nvz_memory_copy` is `memory.copy`.
fn host_name(symbol: &str) -> String {
    let name = symbol.strip_prefix("nvz_").unwrap_or(symbol);
    if let Some(name) = name.strip_prefix("p1_").or(name.strip_prefix("p0_")) {
        return name.to_owned();
    }
    for subject in ["memory", "table"] {
        if let Some(operation) = name
            .strip_prefix(subject)
            .and_then(|rest| rest.strip_prefix('_'))
        {
            return format!("{subject}.{operation}");
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_runtime_have_names_for_people() {
        assert_eq!(host_name("nvz_p1_fd_write"), "fd_write");
        assert_eq!(host_name("nvz_memory_copy"), "memory.copy");
        assert_eq!(host_name("nvz_fma_f32"), "fma_f32");
    }

    #[test]
    fn recursion_counts_once() {
        let mut frames = Frames::default();
        let mut number = |index| {
            frames.number(Identity::Function { instance: 0, index }, || {
                index.to_string()
            })
        };
        let (a, b) = (number(1), number(2));
        let stack = |samples, frames: &[u32]| Stack {
            samples,
            frames: frames.to_vec(),
        };
        frames.count(&[stack(3, &[a, b, a]), stack(4, &[a, b])]);
        assert_eq!((frames.list[0].own, frames.list[0].total), (3, 7));
        assert_eq!((frames.list[1].own, frames.list[1].total), (4, 7));
        assert_eq!(frames.sort(), [1, 0]);
        assert_eq!(frames.list[0].name, "2");
    }
}
