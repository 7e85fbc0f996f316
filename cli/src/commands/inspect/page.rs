//! `nativize inspect --html`: what the page is made from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nativize_compiler::{Options, Program, UnknownImports};

use crate::args::InspectArgs;
use crate::code::Code;
use crate::error::Failure;
use crate::input::{self, Format};
use crate::inspect::html::{self, Functions, Listing, Page, Sources};
use crate::output::{Mode, Target};
use crate::profile::{Image, Profile};
use crate::settings::{Source, refuse_same_file};

/// How many functions show their code if nobody asks for certain ones: so the page of a large program stays small.
const SHOWN: usize = 40;

/// How much text their code may be, in bytes.
const ROOM: usize = 3 << 20;

/// Writes the page about the file in `bytes`, which came from `source`, to `path`.
pub(super) fn write(
    path: &Path,
    source: &Source,
    bytes: Vec<u8>,
    args: &InspectArgs,
) -> Result<(), Failure> {
    if let Some(input) = source.path() {
        refuse_same_file(input, path)
            .map_err(|failure| failure.help("choose another file with --html"))?;
    }
    let profile = args.profile.as_deref().map(profile).transpose()?;
    let page = page(source, bytes, profile.as_ref(), args)?;
    Target::new(PathBuf::from(path))
        .write(page.as_bytes(), Mode::Text)
        .map_err(|failure| failure.help("choose another file with --html"))
}

/// The text of the page.
pub(crate) fn page(
    source: &Source,
    bytes: Vec<u8>,
    profile: Option<&Profile>,
    args: &InspectArgs,
) -> Result<String, Failure> {
    let (elf, wasm) = match input::detect(&bytes) {
        Format::Elf => (Some(bytes), module(args)?),
        _ => (None, Some(input::module(bytes, source)?)),
    };
    let executable = elf
        .as_deref()
        .map(|bytes| super::executable(bytes, source))
        .transpose()?;
    let image = elf.as_deref().and_then(|bytes| Image::new(bytes, None));
    let report = wasm
        .as_deref()
        .map(|bytes| super::module(bytes, source))
        .transpose()?;
    let functions = Functions::new(wasm.as_deref(), image.as_ref(), profile);
    let mut remarks = Vec::new();
    if executable.is_some() && image.is_none() {
        remarks.push(
            "The executable was built with --strip, or by another version of nativize: it does not say where its \
             functions are."
                .to_owned(),
        );
    }
    let mut sources = Sources::new(&args.sources);
    let listings = match &wasm {
        Some(bytes) => listings(bytes, &functions, args, &mut sources, &mut remarks)?,
        None => {
            remarks.push("With --module FILE, the page shows the code of functions.".to_owned());
            Vec::new()
        }
    };
    let title = match source {
        Source::Stdin => "standard input".to_owned(),
        Source::File(path) => match path.file_name() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => path.to_string_lossy().into_owned(),
        },
    };
    Ok(html::page(&Page {
        title: &title,
        executable: executable.as_ref(),
        image: image.as_ref(),
        module: report.as_ref(),
        profile,
        functions: &functions,
        listings: &listings,
        remarks: &remarks,
    }))
}

/// The module of an executable, as the command line names it.
fn module(args: &InspectArgs) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = &args.module else {
        return Ok(None);
    };
    let source = Source::new(path.clone());
    input::module(source.read()?, &source).map(Some)
}

fn profile(path: &Path) -> Result<Profile, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    Profile::read(&bytes).map_err(|why| {
        Failure::new(
            Code::BadValue,
            format!("`{}` is not a profile", path.display()),
        )
        .cause(why)
        .help("`nativize profile` writes one, as NAME.profile.json")
    })
}

/// The code of the functions that are asked for, or of those that are worth it.
fn listings(
    bytes: &[u8],
    functions: &Functions,
    args: &InspectArgs,
    sources: &mut Sources,
    remarks: &mut Vec<String>,
) -> Result<Vec<Listing>, Failure> {
    let names = &args.functions[..];
    let mut wanted: Vec<u32> = Vec::new();
    for name in names {
        let before = wanted.len();
        wanted.extend(functions.named(name).map(|found| found.index));
        if wanted.len() == before {
            return Err(
                Failure::new(Code::BadValue, format!("there is no function `{name}`")).help(
                    "`nativize inspect FILE --html PAGE` lists the largest, with their indices",
                ),
            );
        }
    }
    if names.is_empty() {
        wanted = functions.worthwhile(SHOWN);
    }
    let set: BTreeSet<u32> = wanted.iter().copied().collect();
    let code = nativize_compiler::parse(bytes).and_then(|module| {
        let program = Program::command_with(&module, &[], None, UnknownImports::Trap)?;
        let code = nativize_compiler::function_code(&program, &Options::default(), &|index| {
            set.contains(&index)
        })?;
        let count = code.len();
        let listings = Listing::all((bytes, &module), functions, sources, code);
        Ok((listings, count))
    });
    let (mut listings, count) = match code {
        Ok(made) => made,
        Err(error) => {
            remarks.push(format!("No code is shown: {error}."));
            return Ok(Vec::new());
        }
    };
    if count < set.len() {
        let missing = set.len() - count;
        remarks.push(format!(
            "Of {missing} more there is no code: nothing calls them."
        ));
    }
    let rank = |index: u32| wanted.iter().position(|&other| other == index);
    listings.sort_by_key(|listing| rank(listing.index));
    if names.is_empty() {
        let mut size = 0;
        let mut fits = |listing: &Listing| {
            size += listing.len();
            size <= ROOM
        };
        listings = listings.into_iter().take_while(&mut fits).collect();
    }
    Ok(listings)
}
