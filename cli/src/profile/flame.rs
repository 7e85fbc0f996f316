//! A profile as a flame graph: one SVG that needs nothing else, with zoom and search.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Clock, Kind, Profile};
use crate::html::escape;

/// The height of a row, in pixels.
const ROW: usize = 18;
/// The room above the first row.
const HEAD: usize = 64;
/// What is narrower than this share of the whole is left out.
const NARROWEST: f64 = 0.0003;
/// Of a character, at the size that the style gives.
const CHARACTER: f64 = 7.25;
/// The width, in pixels, that names are cut for where no script runs.
const WIDTH: f64 = 1200.0;

const STYLE: &str = "
svg{color-scheme:light dark;--fg:#1b1f24;--dim:#667085;--bg:#fff}
@media(prefers-color-scheme:dark){svg{--fg:#e6edf3;--dim:#8b949e;--bg:#0d1117}}
#ground{fill:var(--bg)}text{font:12px ui-monospace,monospace;fill:#1b1f24;pointer-events:none}
.head{font:15px system-ui,sans-serif;fill:var(--fg)}.note{font:13px system-ui,sans-serif;fill:var(--dim)}
#frames g{cursor:pointer}#frames rect{stroke:var(--bg)}#frames g:hover rect{stroke:var(--fg)}
#frames .outer{opacity:.55}#frames .found rect{fill:#cc79a7}
input{box-sizing:border-box;width:100%;font:13px system-ui,sans-serif;padding:.15rem .4rem}";

/// Zoom and search.
const SCRIPT: &str = include_str!("flame.js");

/// The calls that samples have in common.
#[derive(Default)]
struct Node {
    samples: u64,
    called: BTreeMap<u32, Node>,
}

/// A rectangle.
struct Block<'a> {
    node: &'a Node,
    /// `None` for all of the program.
    frame: Option<u32>,
    before: u64,
    row: usize,
}

/// The picture.
pub(crate) fn flame_graph(profile: &Profile) -> String {
    let mut root = Node::default();
    for stack in &profile.stacks {
        root.samples += stack.samples;
        let mut node = &mut root;
        for &frame in &stack.frames {
            node = node.called.entry(frame).or_default();
            node.samples += stack.samples;
        }
    }
    let blocks = blocks(&root);
    let rows = blocks.iter().map(|block| block.row + 1).max().unwrap_or(0);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" \
         height=\"{}\"><title>{name}</title><style>{STYLE}</style><rect id=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"head\" x=\"10\" y=\"24\">{name}: {} samples of {}</text>\n\
         <text class=\"note\" id=\"note\" x=\"10\" y=\"48\">A click zooms in, and out again; Escape shows all.</text>\n\
         <foreignObject x=\"100%\" y=\"8\" width=\"200\" height=\"28\" style=\"transform:translate(-210px,0)\">\
         <input xmlns=\"http://www.w3.org/1999/xhtml\" id=\"search\" type=\"search\" placeholder=\"Search\" \
         aria-label=\"Search\"/></foreignObject>\n<svg id=\"frames\" y=\"{HEAD}\" width=\"100%\">\n",
        HEAD + rows * ROW + 10,
        profile.samples,
        match profile.clock {
            Clock::Processor => "processor time",
            Clock::User => "processor time without the kernel's",
        },
        name = escape(&profile.program),
    );
    for block in &blocks {
        draw(&mut out, profile, block);
    }
    let _ = write!(out, "</svg>\n<script><![CDATA[{SCRIPT}]]></script></svg>\n");
    out
}

/// The rectangles that are wide enough, each before those of what it called.
fn blocks(root: &Node) -> Vec<Block<'_>> {
    let fewest = (root.samples as f64 * NARROWEST).ceil() as u64;
    let mut pending = vec![Block {
        node: root,
        frame: None,
        before: 0,
        row: 0,
    }];
    let mut blocks = Vec::new();
    while let Some(block) = pending.pop() {
        let mut before = block.before;
        for (&frame, node) in &block.node.called {
            if node.samples >= fewest {
                pending.push(Block {
                    node,
                    frame: Some(frame),
                    before,
                    row: block.row + 1,
                });
            }
            before += node.samples;
        }
        blocks.push(block);
    }
    blocks
}

fn draw(out: &mut String, profile: &Profile, block: &Block<'_>) {
    let (name, kind) = match block.frame {
        Some(frame) => {
            let frame = &profile.frames[frame as usize];
            (&frame.name, Some(frame.kind))
        }
        None => (&profile.program, None),
    };
    let (x, width) = (
        profile.share(block.before),
        profile.share(block.node.samples),
    );
    let room = (width * WIDTH - 8.0) / CHARACTER;
    let shown: String = if room < 3.0 {
        String::new()
    } else if name.chars().count() as f64 <= room {
        name.clone()
    } else {
        name.chars().take(room as usize - 1).chain(['…']).collect()
    };
    let y = block.row * ROW;
    let _ = writeln!(
        out,
        "<g data-x=\"{x:.7}\" data-w=\"{width:.7}\" data-row=\"{}\" data-name=\"{name}\"><title>{name}: {:.1}%, {} \
         samples</title><rect x=\"{:.4}%\" y=\"{y}\" width=\"{:.4}%\" height=\"{}\" rx=\"2\" fill=\"{}\"/><text \
         x=\"{:.4}%\" dx=\"4\" y=\"{}\">{}</text></g>",
        block.row,
        100.0 * width,
        block.node.samples,
        100.0 * x,
        100.0 * width,
        ROW - 1,
        color(kind, name),
        100.0 * x,
        y + 13,
        escape(&shown),
        name = escape(name),
    );
}

/// Warm for the module's functions, each name with a shade of its own; cold for the runtime's.
fn color(kind: Option<Kind>, name: &str) -> String {
    let hash = name.bytes().fold(7u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    let shade = hash % 13;
    match kind {
        None => "#c9cdd3".to_owned(),
        Some(Kind::Function) => format!("hsl({} 90% {}%)", 22 + shade * 2, 62 + hash / 13 % 10),
        Some(Kind::Host) => format!("hsl({} 70% 74%)", 195 + shade),
        Some(Kind::Runtime) => "#b4bac2".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FORMAT, Frame, Stack, VERSION};
    use super::*;

    #[test]
    fn names_cannot_leave_their_place() {
        let name = "<script>]]>\"&\u{7}'</title>".to_owned();
        let profile = Profile {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: name.clone(),
            clock: Clock::Processor,
            interval_us: 1000,
            cpu_seconds: 1.0,
            samples: 10,
            lost: 0,
            frames: vec![Frame {
                kind: Kind::Function,
                name,
                instance: Some(0),
                index: Some(1),
                own: 10,
                total: 10,
                offsets: Vec::new(),
            }],
            stacks: vec![Stack {
                samples: 10,
                frames: vec![0, 0],
            }],
        };
        let picture = flame_graph(&profile);
        assert_eq!(picture.matches("<script>").count(), 1);
        assert_eq!(picture.matches("]]>").count(), 1);
        assert_eq!(picture.matches("<g ").count(), 3);
        assert!(!picture.contains('\u{7}'));
        assert!(picture.contains("&lt;script&gt;]]&gt;&quot;&amp;\u{fffd}"));
    }
}
