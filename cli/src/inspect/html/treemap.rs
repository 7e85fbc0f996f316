//! Sizes as areas: sections, and in them functions.

use std::fmt::Write as _;

use object::{Object as _, ObjectSection as _};

use super::Page;
use crate::console::Size;
use crate::html::escape;

/// How many functions have an area of their own.
const DRAWN: usize = 250;
const WIDTH: f64 = 1100.0;
const HEIGHT: f64 = 520.0;
/// The room for the name of an area that has parts.
const TITLE: f64 = 18.0;

/// What has a size.
struct Area {
    name: String,
    size: u64,
    parts: Vec<Area>,
    /// The listing that a click shows.
    listing: Option<usize>,
}

impl Area {
    fn new(name: impl Into<String>, size: u64) -> Self {
        Area {
            name: name.into(),
            size,
            parts: Vec::new(),
            listing: None,
        }
    }
}

#[derive(Clone, Copy)]
struct Rectangle {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Writes the part of the page.
pub(super) fn section(out: &mut String, page: &Page<'_>) {
    let areas = match page.image {
        Some(image) => of_executable(page, image.file()),
        None => of_module(page),
    };
    let _ = write!(
        out,
        "<h2>What takes the room</h2><svg class=map viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=img aria-label=\"Sections and \
         functions by size\">"
    );
    let all = Rectangle {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
        height: HEIGHT,
    };
    draw(out, &areas, all, 0, 0);
    out.push_str("</svg>\n");
}

fn of_executable(page: &Page<'_>, file: &object::File<'_>) -> Vec<Area> {
    let mut areas = Vec::new();
    for section in file.sections() {
        let Ok(name) = section.name() else { continue };
        // What takes room in the file.
        let size = section.file_range().map_or(0, |(_, size)| size);
        if size == 0 {
            continue;
        }
        let mut area = Area::new(name, size);
        if name == ".text" {
            area.parts = functions(page, size, "runtime and glue");
        }
        areas.push(area);
    }
    areas
}

fn of_module(page: &Page<'_>) -> Vec<Area> {
    let sections = page.module.iter().flat_map(|module| &module.sections);
    sections
        .filter(|section| section.size > 0)
        .map(|section| {
            let mut area = Area::new(section.name.clone(), section.size);
            if section.name == "code" {
                area.parts = functions(page, section.size, "other functions");
            }
            area
        })
        .collect()
}

/// The largest functions, and what the rest of `size` is.
fn functions(page: &Page<'_>, size: u64, rest: &str) -> Vec<Area> {
    let functions = page.functions.by_size();
    let (drawn, small) = functions.split_at(functions.len().min(DRAWN));
    let mut areas: Vec<Area> = drawn
        .iter()
        .map(|found| Area {
            listing: page
                .listings
                .iter()
                .position(|listing| listing.index == found.index),
            ..Area::new(&found.name, found.size())
        })
        .collect();
    let sum = |found: &[&super::Found]| found.iter().map(|found| found.size()).sum::<u64>();
    if !small.is_empty() {
        areas.push(Area::new(
            format!("{} smaller functions", small.len()),
            sum(small),
        ));
    }
    let left = size.saturating_sub(sum(&functions));
    if left > 0 {
        areas.push(Area::new(rest, left));
    }
    areas
}

fn draw(out: &mut String, areas: &[Area], within: Rectangle, depth: usize, hue: usize) {
    let mut order: Vec<(usize, &Area)> = areas.iter().enumerate().collect();
    order.sort_by_key(|(_, area)| std::cmp::Reverse(area.size));
    let sizes: Vec<f64> = order.iter().map(|(_, area)| area.size as f64).collect();
    for (&(number, area), place) in order.iter().zip(squarify(&sizes, within)) {
        if place.width < 0.5 || place.height < 0.5 {
            continue;
        }
        let hue = if depth == 0 { number } else { hue };
        let _ = write!(
            out,
            "<g class=\"area d{depth} c{}\"{}><title>{}: {}</title><rect x={:.1} y={:.1} width={:.1} height={:.1} />",
            hue % 8,
            area.listing
                .map_or_else(String::new, |number| format!(" data-listing={number}")),
            escape(&area.name),
            Size(area.size),
            place.x,
            place.y,
            place.width,
            place.height
        );
        let room = ((place.width - 8.0) / 6.8) as usize;
        if room >= 3 && place.height >= 15.0 {
            let shown: String = match area.name.chars().count() {
                count if count <= room => area.name.clone(),
                _ => area.name.chars().take(room - 1).chain(['…']).collect(),
            };
            let _ = write!(
                out,
                "<text x={:.1} y={:.1}>{}</text>",
                place.x + 4.0,
                place.y + 13.0,
                escape(&shown)
            );
        }
        out.push_str("</g>");
        let inside = Rectangle {
            x: place.x + 2.0,
            y: place.y + TITLE,
            width: place.width - 4.0,
            height: place.height - TITLE - 2.0,
        };
        if !area.parts.is_empty() && inside.width > 4.0 && inside.height > 4.0 {
            draw(out, &area.parts, inside, depth + 1, hue);
        }
    }
}

/// Places areas of descending sizes so that they are as square as can be: row by row along the shorter side, each row
/// as long as that helps its worst member (Bruls, Huizing and van Wijk, "Squarified Treemaps").
fn squarify(sizes: &[f64], within: Rectangle) -> Vec<Rectangle> {
    let total: f64 = sizes.iter().sum();
    let scale = within.width * within.height / total.max(1.0);
    let mut places = Vec::with_capacity(sizes.len());
    let mut rest = within;
    let mut at = 0;
    while at < sizes.len() {
        let side = rest.width.min(rest.height).max(f64::MIN_POSITIVE);
        let worst = |row: &[f64]| {
            let thickness = row.iter().sum::<f64>() * scale / side;
            let ratio = |size: f64| {
                let length = size * scale / thickness;
                (length / thickness).max(thickness / length)
            };
            row.iter().copied().map(ratio).fold(0.0, f64::max)
        };
        let mut end = at + 1;
        while end < sizes.len() && worst(&sizes[at..=end]) <= worst(&sizes[at..end]) {
            end += 1;
        }
        let row = &sizes[at..end];
        let thickness = row.iter().sum::<f64>() * scale / side;
        let mut along = 0.0;
        for size in row {
            let length = size * scale / thickness;
            places.push(if rest.width >= rest.height {
                Rectangle {
                    x: rest.x,
                    y: rest.y + along,
                    width: thickness,
                    height: length,
                }
            } else {
                Rectangle {
                    x: rest.x + along,
                    y: rest.y,
                    width: length,
                    height: thickness,
                }
            });
            along += length;
        }
        if rest.width >= rest.height {
            rest.x += thickness;
            rest.width -= thickness;
        } else {
            rest.y += thickness;
            rest.height -= thickness;
        }
        at = end;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_in_proportion_and_inside() {
        let within = Rectangle {
            x: 5.0,
            y: 7.0,
            width: 600.0,
            height: 400.0,
        };
        let sizes = [600.0, 600.0, 400.0, 300.0, 200.0, 200.0, 100.0, 1.0];
        let total: f64 = sizes.iter().sum();
        let places = squarify(&sizes, within);
        assert_eq!(places.len(), sizes.len());
        for (size, place) in sizes.iter().zip(&places) {
            let share = place.width * place.height / (600.0 * 400.0);
            assert!((share - size / total).abs() < 1e-9);
            assert!(place.x >= 5.0 - 1e-9 && place.x + place.width <= 605.0 + 1e-6);
            assert!(place.y >= 7.0 - 1e-9 && place.y + place.height <= 407.0 + 1e-6);
        }
        let widest = places[..7].iter().map(|place| place.width / place.height);
        assert!(widest.fold(0.0, f64::max) < 4.0);
        assert!(squarify(&[], within).is_empty());
    }
}
