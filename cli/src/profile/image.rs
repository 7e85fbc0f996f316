//! What an executable says about its own code: which function an address belongs to, and which wasm instruction.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem::offset_of;
use std::rc::Rc;

use crate::link;
use nativize_abi::config::{Records, Setting};
use nativize_abi::leb::Reader;
use nativize_abi::program::{Function, Memory, NO_NAME, ProgramHeader, Span, TRAMPOLINE};
use nativize_abi::sites::{Scope, Site, Sites};
use nativize_abi::symbol;
use object::{Object as _, ObjectSymbol as _};

/// An executable.
pub(crate) struct Image<'a> {
    file: object::File<'a>,
    memories: Vec<Memory>,
    /// The address and the bytes of guest code.
    text: (u64, &'a [u8]),
    functions: Vec<Function>,
    sites: &'a [u8],
    names: &'a [u8],
    /// The functions of the runtime by address.
    runtime: HashMap<u64, &'a str>,
    /// The lists of functions that were asked for, by number.
    lists: RefCell<HashMap<usize, Rc<List>>>,
    has_stretches: bool,
}

/// What is known of places in a function.
#[derive(Debug)]
struct List {
    sites: Places,
    /// In a build for profiling, where stretches of code begin.
    stretches: Option<Places>,
}

#[derive(Debug)]
struct Places {
    sites: Vec<Site>,
    scopes: Vec<Scope>,
}

impl Places {
    fn new(sites: Sites<'_>) -> Self {
        let mut scopes: Vec<Scope> = sites.scopes().collect();
        // A scope is in one that comes before it: so every chain ends.
        let parents_first = |(number, scope): (u32, &Scope)| scope.parent < number;
        if !(1..).zip(&scopes).all(parents_first) {
            scopes.clear();
        }
        Places {
            scopes,
            sites: sites.collect(),
        }
    }

    /// The last one at or before a distance.
    fn before(&self, distance: u32) -> Option<Site> {
        let after = self.sites.partition_point(|site| site.pc <= distance);
        after.checked_sub(1).map(|at| self.sites[at])
    }
}

/// A function, or a body in the place of a call, and where in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Location {
    pub(crate) index: u32,
    pub(crate) instance: u32,
    /// For [`Image::name`].
    pub(crate) name: u32,
    pub(crate) wasm_offset: Option<u32>,
}

impl<'a> Image<'a> {
    /// Reads the executable whose program header is at `header`; `None` if there is none.
    pub(crate) fn new(bytes: &'a [u8], header: Option<u64>) -> Option<Self> {
        let file = object::File::parse(bytes).ok()?;
        let config = Records::new(link::read_notes(bytes)?.config);
        let header = match header {
            Some(address) => address,
            None => {
                let mut symbols = file.symbols();
                let symbol = symbols.find(|symbol| symbol.name() == Ok(symbol::PROGRAM))?;
                symbol.address()
            }
        };
        let read = |address: u64, len: u64| link::initial_bytes(&file, address, len);
        let header = read(header, size_of::<ProgramHeader>() as u64)?;
        let word = |at: usize| Some(u64::from_le_bytes(header.get(at..at + 8)?.try_into().ok()?));
        let span = |at: usize, size: usize| {
            let address = word(at + offset_of!(Span, address))?;
            let len = word(at + offset_of!(Span, len))?;
            Some((
                address,
                read(address, len.checked_mul(size as u64)?).unwrap_or(&[]),
            ))
        };
        let version = header
            .get(offset_of!(ProgramHeader, version)..)?
            .first_chunk()?;
        if u32::from_le_bytes(*version) != nativize_abi::VERSION {
            return None;
        }
        let (_, functions) = span(offset_of!(ProgramHeader, functions), size_of::<Function>())?;
        let functions = functions
            .as_chunks::<{ size_of::<Function>() }>()
            .0
            .iter()
            .map(function)
            .collect();
        let text = span(offset_of!(ProgramHeader, text), 1)?;
        let (_, sites) = span(offset_of!(ProgramHeader, sites), 1)?;
        let (_, names) = span(offset_of!(ProgramHeader, names), 1)?;
        let (_, memories) = span(offset_of!(ProgramHeader, memories), size_of::<Memory>())?;
        let memories = memories
            .as_chunks::<{ size_of::<Memory>() }>()
            .0
            .iter()
            .map(memory)
            .collect();
        let runtime = file
            .symbols()
            .filter(|symbol| symbol.is_global() && symbol.is_definition())
            .filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?)))
            .collect();
        Some(Image {
            memories,
            text,
            functions,
            sites,
            names,
            runtime,
            lists: RefCell::default(),
            file,
            has_stretches: config.setting(Setting::PROFILE).is_some(),
        })
    }

    /// The pieces of guest code, ascending: each with its bytes.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&Function, &'a [u8])> {
        self.functions.iter().map(|function| {
            let start = function.start as usize;
            let code = self.text.1.get(start..start + function.size as usize);
            (function, code.unwrap_or(&[]))
        })
    }

    /// The file.
    pub(crate) fn file(&self) -> &object::File<'a> {
        &self.file
    }

    /// The symbols of the runtime's functions that are there.
    pub(crate) fn runtime(&self) -> impl Iterator<Item = &'a str> {
        self.runtime.values().copied()
    }

    /// The memories, as they are at start.
    pub(crate) fn memories(&self) -> &[Memory] {
        &self.memories
    }

    /// The number of the function with the instruction at an address, and the distance from its start.
    fn function(&self, address: u64) -> Option<(usize, u32)> {
        let offset = u32::try_from(address.checked_sub(self.text.0)?).ok()?;
        let after = self
            .functions
            .partition_point(|function| function.start <= offset);
        let number = after.checked_sub(1)?;
        let distance = offset - self.functions[number].start;
        (distance < self.functions[number].size).then_some((number, distance))
    }

    fn list(&self, number: usize) -> Rc<List> {
        let mut lists = self.lists.borrow_mut();
        let list = lists.entry(number).or_insert_with(|| {
            let at = self.functions[number].sites as usize;
            let sites = Sites::new(self.sites.get(at..).unwrap_or(&[]));
            let stretches = sites.clone().following().filter(|_| self.has_stretches);
            Rc::new(List {
                sites: Places::new(sites),
                stretches: stretches.map(Places::new),
            })
        });
        list.clone()
    }

    /// What runs at an instruction: innermost first, up to the function with the code. Nothing for glue.
    ///
    /// In a build that is not for profiling, the wasm instruction is the nearest one before of which something is recorded.
    pub(crate) fn at_instruction(&self, address: u64) -> Vec<Location> {
        let Some((number, distance)) = self.function(address) else {
            return Vec::new();
        };
        let list = self.list(number);
        let places = list.stretches.as_ref().unwrap_or(&list.sites);
        self.locations(number, places, places.before(distance))
    }

    /// What is active at a call that returns to an address: likewise. The call is one that is recorded as one.
    pub(crate) fn at_call(&self, address: u64) -> Vec<Location> {
        let Some((number, distance)) = self.function(address.wrapping_sub(1)) else {
            return Vec::new();
        };
        let list = self.list(number);
        self.locations(number, &list.sites, call(&list, distance + 1))
    }

    /// Whether an address is one that a call returns to.
    pub(crate) fn is_return_address(&self, address: u64) -> bool {
        match self.function(address.wrapping_sub(1)) {
            Some((number, distance)) => call(&self.list(number), distance + 1).is_some(),
            None => false,
        }
    }

    fn locations(&self, number: usize, places: &Places, site: Option<Site>) -> Vec<Location> {
        let function = &self.functions[number];
        if function.index == TRAMPOLINE {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut scope = site.map_or(0, |site| site.scope);
        let mut wasm_offset = site
            .map(|site| site.wasm_offset)
            .filter(|&offset| offset != 0);
        while let Some(body) = (scope as usize)
            .checked_sub(1)
            .and_then(|at| places.scopes.get(at))
        {
            found.push(Location {
                index: body.index,
                instance: body.instance,
                name: body.name,
                wasm_offset,
            });
            wasm_offset = Some(body.wasm_offset);
            scope = body.parent;
        }
        found.push(Location {
            index: function.index,
            instance: function.instance,
            name: function.name,
            wasm_offset,
        });
        found
    }

    /// The caller of the function that was interrupted at `address`, if its frame is not complete or not there any more:
    /// a return address in one of the two uppermost words of the stack.
    pub(crate) fn caller_without_frame(&self, address: u64, top: [u64; 2]) -> Option<u64> {
        const POP_RBP: u8 = 0x5d;
        const RET: u8 = 0xc3;
        let (number, distance) = self.function(address)?;
        let start = self.functions[number].start as usize + distance as usize;
        let (before, code) = self.text.1.split_at_checked(start)?;
        // `push rbp` is one byte long.
        let word = match distance {
            0 => top[0],
            1 => top[1],
            _ if code.first() == Some(&RET) => top[0],
            // A call that takes the place of the function.
            _ if before.last() == Some(&POP_RBP)
                && matches!(code, [0xe9 | 0xff, ..] | [0x41, 0xff, ..]) =>
            {
                top[0]
            }
            _ => return None,
        };
        self.is_return_address(word).then_some(word)
    }

    /// The function of the runtime that was called by the call instruction that returns to an address.
    pub(crate) fn called(&self, address: u64) -> Option<&'a str> {
        let end = usize::try_from(address.checked_sub(self.text.0)?).ok()?;
        let [0xe8, distance @ ..] = *self
            .text
            .1
            .get(end.checked_sub(5)?..end)?
            .first_chunk::<5>()?
        else {
            return None;
        };
        let target = address.wrapping_add_signed(i32::from_le_bytes(distance).into());
        self.runtime.get(&target).copied()
    }

    /// The name at an offset of the names.
    pub(crate) fn name(&self, offset: u32) -> Option<&'a str> {
        if offset == NO_NAME {
            return None;
        }
        let bytes = Reader::new(self.names.get(offset as usize..)?).bytes()?;
        std::str::from_utf8(bytes).ok()
    }
}

fn call(list: &List, distance: u32) -> Option<Site> {
    let sites = &list.sites.sites;
    let first = sites.partition_point(|site| site.pc < distance);
    let here = sites[first..].iter().take_while(|site| site.pc == distance);
    here.copied().find(|site| site.trap.is_none())
}

fn function(record: &[u8; size_of::<Function>()]) -> Function {
    let field = |at: usize| {
        u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
    };
    Function {
        start: field(offset_of!(Function, start)),
        size: field(offset_of!(Function, size)),
        name: field(offset_of!(Function, name)),
        sites: field(offset_of!(Function, sites)),
        index: field(offset_of!(Function, index)),
        instance: field(offset_of!(Function, instance)),
    }
}

fn memory(record: &[u8; size_of::<Memory>()]) -> Memory {
    let word = |at: usize| {
        let bytes = record[at..]
            .first_chunk()
            .expect("a field is inside of its record");
        u64::from_le_bytes(*bytes)
    };
    let last = word(offset_of!(Memory, page_shift));
    Memory {
        base: word(offset_of!(Memory, base)),
        size: word(offset_of!(Memory, size)),
        max: word(offset_of!(Memory, max)),
        page_shift: last as u32,
        reserved: 0,
    }
}
