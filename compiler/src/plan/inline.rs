//! Which calls are replaced by the body of what they call, and which functions that leaves without a use.
//!
//! Decided for the whole program from the facts of its bodies, before any is translated: what one function becomes never
//! depends on the order in which others are compiled, and a function of which every call is replaced is not compiled at
//! all. A decision holds for all plain calls of one function in another.

use super::Reach;
use crate::facts::Calls;
use crate::program::{FuncId, Program};
use crate::{OptLevel, Options, Pass};
use cranelift_entity::{EntitySet, SecondaryMap};

/// What a level spends, in operators.
struct Budget {
    /// The cost of a function that goes in the place of calls anywhere.
    anywhere: u32,
    /// The same for calls in loops.
    in_loop: u32,
    /// What all copies of a function may cost if it is not as small as that of `anywhere`.
    copies: u32,
    /// For the only call of a function.
    only_call: u32,
    /// What a function may become.
    caller: u32,
}

const O2: Budget = Budget {
    anywhere: 10,
    in_loop: 20,
    copies: 200,
    only_call: 400,
    caller: 4000,
};

const O3: Budget = Budget {
    anywhere: 20,
    in_loop: 120,
    copies: 2000,
    only_call: 4000,
    caller: 12_000,
};

/// How deep bodies are put into bodies; also bounds the recursion of whoever prepares them.
const DEPTH: u8 = 24;

/// The decisions.
#[derive(Debug, Default)]
pub(crate) struct Inlining {
    /// For each function, those whose body replaces its plain calls of them, ascending.
    callees: SecondaryMap<FuncId, Vec<FuncId>>,
    /// Functions whose body goes in the place of some call.
    copied: EntitySet<FuncId>,
    /// Functions that nothing calls any more.
    gone: EntitySet<FuncId>,
}

impl Inlining {
    pub(crate) fn new(program: &Program<'_>, reach: &Reach, options: &Options) -> Self {
        let mut inlining = Inlining::default();
        if !options.runs(Pass::Inline, OptLevel::O2) {
            return inlining;
        }
        let budget = if options.opt_level >= OptLevel::O3 {
            O3
        } else {
            O2
        };
        let order = bottom_up(program, reach);
        let mut position: SecondaryMap<FuncId, u32> = SecondaryMap::with_default(u32::MAX);
        let mut sites: SecondaryMap<FuncId, u32> = SecondaryMap::new();
        let mut kept: EntitySet<FuncId> = EntitySet::new();
        for (index, &function) in (0..).zip(&order) {
            position[function] = index;
            for (callee, calls) in calls(program, function) {
                sites[callee] = sites[callee].saturating_add(calls.count);
            }
        }
        let mut sizes: SecondaryMap<FuncId, u32> = SecondaryMap::new();
        let mut depths: SecondaryMap<FuncId, u8> = SecondaryMap::new();
        for &function in &order {
            let Some(facts) = facts(program, function) else {
                continue;
            };
            let mut size = facts.cost;
            for (callee, calls) in calls(program, function) {
                let body = self::facts(program, callee).filter(|body| {
                    // Only what comes earlier in the order has its final size, and a cycle has no first one.
                    position[callee] < position[function]
                        && is_locatable(program, callee)
                        && !body.exceptional
                        && !body.tail_calls
                        && !body.diverges
                        && self::calls(program, callee).all(|(own, _)| own != callee)
                });
                let only_call = sites[callee] == 1
                    && !reach.referenced.contains(callee)
                    && !reach.entered.contains(callee);
                let copies = sizes[callee].saturating_mul(sites[callee]);
                // A call costs little next to a loop, and what lives across the loop is in its way.
                let limit =
                    if body.is_some_and(|body| body.loop_depth > 0 && !body.calls.is_empty()) {
                        budget.anywhere
                    } else if only_call {
                        budget.only_call
                    } else if calls.loop_depth > 0 && copies <= budget.copies {
                        budget.in_loop
                    } else {
                        budget.anywhere
                    };
                let cost = sizes[callee].saturating_mul(calls.count);
                if body.is_some()
                    && calls.plain
                    && !calls.diverge
                    && depths[callee] < DEPTH
                    && sizes[callee] <= limit
                    && size.saturating_add(cost) <= budget.caller.max(facts.cost)
                {
                    size = size.saturating_add(cost);
                    depths[function] = depths[function].max(depths[callee] + 1);
                    inlining.callees[function].push(callee);
                } else {
                    kept.insert(callee);
                }
            }
            sizes[function] = size;
            let callees = &mut inlining.callees[function];
            callees.sort_unstable();
            callees.dedup();
            for &callee in &*callees {
                inlining.copied.insert(callee);
            }
        }
        for &function in &order {
            if !kept.contains(function)
                && !reach.referenced.contains(function)
                && !reach.entered.contains(function)
            {
                inlining.gone.insert(function);
            }
        }
        inlining
    }

    /// The functions whose bodies go into `caller`.
    pub(crate) fn callees(&self, caller: FuncId) -> &[FuncId] {
        &self.callees[caller]
    }

    /// Whether `callee`'s body goes in the place of some call.
    pub(crate) fn is_copied(&self, callee: FuncId) -> bool {
        self.copied.contains(callee)
    }

    /// Whether nothing calls `function` any more.
    pub(crate) fn is_gone(&self, function: FuncId) -> bool {
        self.gone.contains(function)
    }
}

/// Whether source locations can tell that something comes from `function`.
fn is_locatable(program: &Program<'_>, function: FuncId) -> bool {
    program.body(function).is_some_and(|(instance, _)| {
        let bodies = &program.instances[instance].module.bodies;
        let end = bodies.last().map_or(0, |body| body.code.range().end);
        crate::optimize::is_locatable(end)
    })
}

fn facts<'a>(program: &Program<'a>, function: FuncId) -> Option<&'a crate::facts::Facts> {
    program.body(function).map(|(_, body)| &body.facts)
}

/// What a function calls. Two imports may be the same function, which then comes twice.
fn calls<'a>(
    program: &'a Program<'_>,
    function: FuncId,
) -> impl Iterator<Item = (FuncId, Calls)> + 'a {
    let functions = match program.body(function) {
        Some((instance, _)) => &program.instances[instance].functions[..],
        None => &[],
    };
    let calls = facts(program, function).map_or(&[][..], |facts| &facts.calls);
    calls
        .iter()
        .map(move |calls| (functions[calls.function as usize], *calls))
}

/// The reachable functions, what is called before its callers as far as there is no cycle.
fn bottom_up(program: &Program<'_>, reach: &Reach) -> Vec<FuncId> {
    let mut order = Vec::new();
    let mut seen: EntitySet<FuncId> = EntitySet::new();
    let mut path: Vec<(FuncId, Vec<FuncId>)> = Vec::new();
    let callees = |function| {
        let mut callees: Vec<FuncId> = calls(program, function).map(|(callee, _)| callee).collect();
        callees.reverse();
        callees
    };
    for root in program.functions.keys() {
        if !reach.functions.contains(root) || !seen.insert(root) {
            continue;
        }
        path.push((root, callees(root)));
        while let Some((function, rest)) = path.last_mut() {
            match rest.pop() {
                Some(callee) if seen.insert(callee) => path.push((callee, callees(callee))),
                Some(_) => {}
                None => {
                    order.push(*function);
                    path.pop();
                }
            }
        }
    }
    order
}
