//! The loops of machine code.

use super::read::Block;

/// What loop each block is in.
#[derive(Debug)]
pub(super) struct Loops {
    /// The header of the innermost loop around each block, by their numbers. A header's loop is its own.
    headers: Vec<Option<usize>>,
}

impl Loops {
    /// `handlers` are the return addresses of calls, ascending, and where exceptions go from there.
    ///
    /// Wasm's loops have one entry. So the edges that lead back on the path of a search in depth are those to headers, and loops
    /// are found from the inside out, each inner one as its header alone (Tarjan, "Testing flow graph reducibility", 1974).
    pub(super) fn new(blocks: &[Block], handlers: &[(u32, u32)]) -> Loops {
        let successors = successors(blocks, handlers);
        let Search { order, back } = Search::new(&successors);
        let mut predecessors = vec![Vec::new(); blocks.len()];
        for (from, targets) in successors.iter().enumerate() {
            for &to in targets {
                predecessors[to].push(from);
            }
        }
        let mut headers = vec![None; blocks.len()];
        // The outermost loop found so far that a block is in, or on the way there.
        let mut outer: Vec<usize> = (0..blocks.len()).collect();
        let mut open = Vec::new();
        for &header in order.iter().rev() {
            if back[header].is_empty() {
                continue;
            }
            headers[header] = Some(header);
            open.extend_from_slice(&back[header]);
            while let Some(block) = open.pop() {
                let block = outermost(&mut outer, block);
                if block == header {
                    continue;
                }
                outer[block] = header;
                headers[block].get_or_insert(header);
                open.extend_from_slice(&predecessors[block]);
            }
        }
        Loops { headers }
    }

    /// How many blocks from `header` on, without a gap, are in its loop and in no other; 0 if it is none.
    pub(super) fn run(&self, header: usize) -> usize {
        if self.headers[header] != Some(header) {
            return 0;
        }
        let rest = self.headers[header..].iter();
        rest.take_while(|&&inner| inner == Some(header)).count()
    }
}

fn outermost(outer: &mut [usize], mut block: usize) -> usize {
    while outer[block] != block {
        outer[block] = outer[outer[block]];
        block = outer[block];
    }
    block
}

fn successors(blocks: &[Block], handlers: &[(u32, u32)]) -> Vec<Vec<usize>> {
    let index = |offset: u32| {
        blocks
            .binary_search_by_key(&offset, |block| block.start)
            .ok()
    };
    let successors = blocks.iter().enumerate().map(|(number, block)| {
        let next = (block.falls_through && number + 1 < blocks.len()).then_some(number + 1);
        let from = handlers.partition_point(|&(at, _)| at <= block.start);
        let handlers = handlers[from..]
            .iter()
            .take_while(|&&(at, _)| at <= block.end);
        let targets = block.successors.iter().copied();
        let targets = targets.chain(handlers.map(|&(_, target)| target));
        targets.filter_map(index).chain(next).collect()
    });
    successors.collect()
}

/// A search in depth from the first block.
struct Search {
    /// Each block that was found, before those found from it.
    order: Vec<usize>,
    /// For each block, from where edges lead back to it.
    back: Vec<Vec<usize>>,
}

impl Search {
    fn new(successors: &[Vec<usize>]) -> Search {
        #[derive(Clone, Copy)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut back = vec![Vec::new(); successors.len()];
        let mut states = vec![State::New; successors.len()];
        let mut order = vec![0];
        let mut path = vec![(0, 0)];
        states[0] = State::Open;
        while let Some((block, next)) = path.last_mut() {
            let Some(&to) = successors[*block].get(*next) else {
                states[*block] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match states[to] {
                State::New => {
                    states[to] = State::Open;
                    order.push(to);
                    path.push((to, 0));
                }
                State::Open => back[to].push(*block),
                State::Done => {}
            }
        }
        Search { order, back }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of ten bytes, each with what its branches lead to, by their numbers.
    fn blocks(successors: &[(&[u32], bool)]) -> Vec<Block> {
        let blocks = (0..).zip(successors);
        blocks
            .map(|(number, &(targets, falls_through))| Block {
                start: number * 10,
                end: number * 10 + 10,
                successors: targets.iter().map(|target| target * 10).collect(),
                falls_through,
                ends_in_call: false,
            })
            .collect()
    }

    #[test]
    fn loops_in_loops() {
        // 1 to 4 are a loop, of which 2 is one as well; 5 comes after both, and leads to a loop of its own.
        let blocks = blocks(&[
            (&[], true),
            (&[5], true),
            (&[2], true),
            (&[1], true),
            (&[1], false),
            (&[5], true),
            (&[], false),
        ]);
        let loops = Loops::new(&blocks, &[]);
        assert_eq!(
            loops.headers,
            [None, Some(1), Some(2), Some(1), Some(1), Some(5), None]
        );
        let runs: Vec<usize> = (0..7).map(|block| loops.run(block)).collect();
        assert_eq!(runs, [0, 1, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn exceptions_lead_back() {
        // A call at the end of 1 whose exceptions go to 2, which leads to 1 again.
        let blocks = blocks(&[(&[], true), (&[3], false), (&[1], false), (&[], false)]);
        assert_eq!(Loops::new(&blocks, &[]).headers, [None; 4]);
        let loops = Loops::new(&blocks, &[(20, 20)]);
        assert_eq!(loops.headers, [None, Some(1), Some(1), None]);
    }

    #[test]
    fn what_nothing_leads_to_is_in_no_loop() {
        let blocks = blocks(&[(&[], false), (&[1], false)]);
        assert_eq!(Loops::new(&blocks, &[]).headers, [None; 2]);
    }
}
