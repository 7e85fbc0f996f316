//! A comparison as one web page that needs nothing else: plots and tables.

use std::fmt::Write as _;

use super::report::{Report, bytes, ratio, seconds};
use crate::html::{STYLE, escape};

/// Colours that are told apart on light and dark ground, also by most who are colour-blind (after Okabe and Ito).
const COLORS: [&str; 8] = [
    "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f",
];

/// The page.
pub fn page(report: &Report) -> String {
    let baseline = escape(&report.contenders[report.baseline].0);
    let mut out = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>nativize bench</title><style>{STYLE}</style>\n<h1>How fast it runs</h1>\n<p>{}. {} interleaved runs \
         of each; ratios are to {baseline}, below 1 is faster. The outputs of all agree.</p>\n",
        escape(&report.machine.line()),
        report.runs,
    );
    out.push_str("<p>");
    for (index, (name, version)) in report.contenders.iter().enumerate() {
        let _ = write!(
            out,
            "<span class=key title=\"{}\"><i style=\"background:{}\"></i>{}</span>",
            escape(version),
            color(index),
            escape(name)
        );
    }
    out.push_str("</p>\n<h2>CPU time, geometric mean of ratios</h2>\n");
    let rows: Vec<_> = report
        .geomeans
        .iter()
        .map(|geomeans| geomeans.cpu)
        .collect();
    bars(&mut out, report, &rows, |value| ratio(Some(value)));
    out.push_str("<h2>Start-up: a program that does nothing, wall time</h2>\n");
    let rows: Vec<_> = report
        .startup
        .iter()
        .map(|startup| startup.map(|startup| startup.median))
        .collect();
    bars(&mut out, report, &rows, seconds);
    out.push_str(
        "<h2>CPU time of each program, ratio, logarithmic; lines span the quartiles</h2>\n",
    );
    dots(&mut out, report);
    programs(&mut out, report);
    contenders(&mut out, report);
    for failure in &report.failures {
        let _ = writeln!(out, "<small>Left out: {}</small><br>", escape(failure));
    }
    out.push_str("</html>\n");
    out
}

fn color(contender: usize) -> &'static str {
    COLORS[contender % COLORS.len()]
}

/// A horizontal bar for each contender that has a value.
fn bars(out: &mut String, report: &Report, values: &[Option<f64>], show: impl Fn(f64) -> String) {
    if values.iter().all(Option::is_none) {
        out.push_str("<p>No program takes 30 ms or more.</p>\n");
        return;
    }
    let most = values
        .iter()
        .flatten()
        .copied()
        .fold(f64::MIN_POSITIVE, f64::max);
    let shown: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| Some((index, (*value)?)))
        .collect();
    let _ = write!(out, "<svg viewBox=\"0 0 900 {}\">", shown.len() * 24 + 4);
    for (row, &(index, value)) in shown.iter().enumerate() {
        let (y, width) = (row * 24, value / most * 600.0);
        let _ = write!(
            out,
            "<text x=170 y={} text-anchor=end>{}</text><rect x=180 y={} width={width:.1} height=16 rx=2 fill=\"{}\"/>\
             <text x={:.1} y={}>{}</text>",
            y + 16,
            escape(&report.contenders[index].0),
            y + 4,
            color(index),
            width + 188.0,
            y + 16,
            show(value),
        );
    }
    out.push_str("</svg>\n");
}

/// A line of dots for each program, one a contender, on a logarithmic axis of ratios.
fn dots(out: &mut String, report: &Report) {
    let ratios = || {
        let rows = report.programs.iter();
        rows.flat_map(|row| {
            (0..report.contenders.len()).filter_map(|index| report.ratio(row, index))
        })
    };
    let low = ratios().fold(0.5, f64::min).log2() - 0.1;
    let high = ratios().fold(2.0, f64::max).log2() + 0.1;
    let x = |ratio: f64| 170.0 + (ratio.log2() - low) / (high - low) * 710.0;
    let height = report.programs.len() * 20 + 30;
    let _ = write!(out, "<svg viewBox=\"0 0 900 {height}\">");
    for power in low.ceil() as i32..=high.floor() as i32 {
        let at = x(f64::from(power).exp2());
        let _ = write!(
            out,
            "<line x1={at:.1} x2={at:.1} y1=0 y2=\"{}\"/><text class=dim x={at:.1} y={} text-anchor=middle>{}x</text>",
            height - 24,
            height - 8,
            f64::from(power).exp2()
        );
    }
    for (row, program) in report.programs.iter().enumerate() {
        let y = row * 20 + 12;
        let name = escape(&program.program);
        let _ = write!(
            out,
            "<text x=160 y={} text-anchor=end>{name}</text><line x1=170 x2=880 y1={y} y2=\"{y}\" stroke-dasharray=\"1 4\"/>",
            y + 4
        );
        let Some(base) = program.results[report.baseline] else {
            continue;
        };
        for (index, result) in program.results.iter().enumerate() {
            let Some(result) = result else { continue };
            let of = |value: f64| x(value / base.cpu_seconds.median);
            let cpu = &result.cpu_seconds;
            let _ = write!(
                out,
                "<line x1={:.1} x2={:.1} y1={y} y2={y} style=\"stroke:{c};stroke-width:2\"/><circle cx={:.1} cy={y} r=4.5 \
                 fill=\"{c}\"><title>{name}, {}: {}</title></circle>",
                of(cpu.quartiles[0]),
                of(cpu.quartiles[1]),
                of(cpu.median),
                escape(&report.contenders[index].0),
                seconds(cpu.median),
                c = color(index),
            );
        }
    }
    out.push_str("</svg>\n");
}

fn header(out: &mut String, report: &Report, first: &str) {
    let _ = write!(out, "<div class=scroll><table><tr><th>{first}");
    for (name, _) in &report.contenders {
        let _ = write!(out, "<th>{}", escape(name));
    }
    out.push('\n');
}

fn programs(out: &mut String, report: &Report) {
    out.push_str("<h2>CPU time: median, half the distance of the quartiles, ratio</h2>\n");
    header(out, report, "");
    for row in &report.programs {
        let _ = write!(out, "<tr><td>{}", escape(&row.program));
        for (index, result) in row.results.iter().enumerate() {
            match result {
                None => out.push_str("<td>-"),
                Some(result) => {
                    let _ = write!(
                        out,
                        "<td>{} <span class=dim>±{:.0}%</span> {}",
                        seconds(result.cpu_seconds.median),
                        result.cpu_seconds.spread() * 100.0,
                        ratio(report.ratio(row, index)),
                    );
                }
            }
        }
        out.push('\n');
    }
    out.push_str("</table></div>\n");
}

fn contenders(out: &mut String, report: &Report) {
    out.push_str("<h2>Geometric means of ratios, and sums over all programs</h2>\n");
    header(out, report, "");
    let mut line = |name: &str, value: &dyn Fn(usize) -> String| {
        let _ = write!(out, "<tr><td>{name}");
        for index in 0..report.contenders.len() {
            let _ = write!(out, "<td>{}", value(index));
        }
        out.push('\n');
    };
    let of = |index: usize| &report.geomeans[index];
    let sum = |index: usize, value: fn(&super::report::Measured) -> f64| -> f64 {
        let results = report
            .programs
            .iter()
            .filter_map(|row| row.results[index].as_ref());
        results.map(value).sum()
    };
    line("programs", &|index| of(index).programs.to_string());
    line("CPU time", &|index| ratio(of(index).cpu));
    line("CPU time, minima", &|index| ratio(of(index).cpu_min));
    line("wall time", &|index| ratio(of(index).wall));
    line("peak memory", &|index| ratio(of(index).peak_memory));
    line("CPU time of compilation", &|index| {
        ratio(of(index).compile_cpu)
    });
    line("size of what is run", &|index| ratio(of(index).file));
    line("compilation, sum", &|index| {
        seconds(sum(index, |measured| measured.compile_cpu_seconds))
    });
    line("size, sum", &|index| {
        bytes(sum(index, |measured| measured.file_bytes as f64))
    });
    out.push_str("</table></div>\n");
}
