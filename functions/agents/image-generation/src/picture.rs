//! A picture that a model drew, made small enough to travel: through a workflow goes no more than
//! 256 KB. It is decoded, which proves that it is a picture, scaled by the mean of what falls into
//! each pixel, and written in 256 colours chosen by median cut (Heckbert 1982).

use std::io::Cursor;

use crate::raster::Pixels;

/// The longest side that is kept, in pixels, and what is tried then.
const SIDES: [u32; 6] = [768, 640, 512, 384, 320, 256];

/// The most pixels that are decoded.
const MOST_PIXELS: u64 = 5_000_000;

/// Decodes a PNG; what is transparent lies on white.
///
/// # Errors
/// Why it is none, or too large.
pub fn decoded(bytes: &[u8]) -> Result<Pixels, String> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let wrong = |error: png::DecodingError| format!("the picture is no PNG: {error}");
    let mut reader = decoder.read_info().map_err(wrong)?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!(
            "the picture has {width} × {height} pixels, too many"
        ));
    }
    let size = reader
        .output_buffer_size()
        .ok_or("the picture is too large")?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(wrong)?;
    buffer.truncate(frame.buffer_size());
    let samples = frame.color_type.samples();
    let bytes = buffer.chunks_exact(samples).flat_map(|pixel| match *pixel {
        [grey] => [grey; 3],
        [grey, alpha] => [grey; 3].map(|part| over_white(part, alpha)),
        [red, green, blue] => [red, green, blue],
        [red, green, blue, alpha, ..] => [red, green, blue].map(|part| over_white(part, alpha)),
        [] => [0; 3],
    });
    Ok(Pixels {
        width,
        height,
        bytes: bytes.collect(),
    })
}

fn over_white(part: u8, alpha: u8) -> u8 {
    let (part, alpha) = (u32::from(part), u32::from(alpha));
    ((part * alpha + 255 * (255 - alpha)) / 255) as u8
}

/// The picture as PNG of so many bytes at most, as large as that allows, and its size in pixels.
pub fn fitted(picture: &Pixels, most: usize) -> Option<(Vec<u8>, u32, u32)> {
    SIDES.iter().find_map(|side| {
        let small = scaled(picture, *side);
        let bytes = indexed(&small).filter(|bytes| bytes.len() <= most)?;
        Some((bytes, small.width, small.height))
    })
}

/// The picture with its longer side at most `side`.
fn scaled(picture: &Pixels, side: u32) -> Pixels {
    let longest = picture.width.max(picture.height);
    if longest <= side {
        return picture.clone();
    }
    let to = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longest)).max(1) as u32;
    let (width, height) = (to(picture.width), to(picture.height));
    let span = |i: u32, from: u32, to: u32| {
        let edge = |i: u32| (u64::from(i) * u64::from(from) / u64::from(to)) as usize;
        edge(i)..edge(i + 1).max(edge(i) + 1)
    };
    let mut bytes = Vec::with_capacity(3 * width as usize * height as usize);
    for y in 0..height {
        let rows = span(y, picture.height, height);
        for x in 0..width {
            let columns = span(x, picture.width, width);
            let mut sums = [0_u64; 3];
            for row in rows.clone() {
                let start = 3 * row * picture.width as usize;
                let part = &picture.bytes[start + 3 * columns.start..start + 3 * columns.end];
                for pixel in part.chunks_exact(3) {
                    sums.iter_mut()
                        .zip(pixel)
                        .for_each(|(sum, part)| *sum += u64::from(*part));
                }
            }
            let count = (rows.len() * columns.len()) as u64;
            bytes.extend(sums.map(|sum| (sum / count) as u8));
        }
    }
    Pixels {
        width,
        height,
        bytes,
    }
}

/// A colour in steps of eight, and how many pixels have it.
type Count = ([u8; 3], u64);

/// The picture as PNG of 256 colours.
fn indexed(picture: &Pixels) -> Option<Vec<u8>> {
    let place = |pixel: &[u8]| {
        pixel
            .iter()
            .take(3)
            .fold(0, |place, part| (place << 5) | usize::from(part >> 3))
    };
    let mut counts = vec![0_u64; 1 << 15];
    for pixel in picture.bytes.chunks_exact(3) {
        counts[place(pixel)] += 1;
    }
    let colours = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let of = |(place, count): (usize, &u64)| {
        (
            [
                (place >> 10) as u8,
                (place >> 5 & 31) as u8,
                (place & 31) as u8,
            ],
            *count,
        )
    };
    let boxes = median_cut(colours.map(of).collect());
    let mut index = vec![0_u8; 1 << 15];
    let mut palette = Vec::new();
    for (i, colours) in boxes.iter().enumerate() {
        let total: u64 = colours.iter().map(|(_, count)| count).sum();
        for axis in 0..3 {
            let sum: u64 = colours.iter().map(|(c, n)| u64::from(c[axis]) * n).sum();
            // A step stands for its middle, stretched so that black and white stay.
            palette.push((sum * 255 / (31 * total.max(1))) as u8);
        }
        for (colour, _) in colours {
            let place = colour
                .iter()
                .fold(0, |place, part| (place << 5) | usize::from(*part));
            index[place] = u8::try_from(i).unwrap_or(u8::MAX);
        }
    }
    let pixels: Vec<u8> = picture
        .bytes
        .chunks_exact(3)
        .map(|pixel| index[place(pixel)])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// Up to 256 boxes of colours: the one with most pixels by its longest side is halved, again and
/// again.
fn median_cut(colours: Vec<Count>) -> Vec<Vec<Count>> {
    // Each with its weight and the axis to halve it by.
    let weighed = |colours: Vec<Count>| {
        let (axis, length) = longest(&colours);
        let pixels: u64 = colours.iter().map(|(_, count)| count).sum();
        (u64::from(length) * pixels, axis, colours)
    };
    let mut boxes = vec![weighed(colours)];
    while boxes.len() < 256 {
        let heaviest = (0..boxes.len()).max_by_key(|i| boxes[*i].0);
        let Some(at) = heaviest.filter(|i| boxes[*i].0 > 0) else {
            break;
        };
        let (_, axis, mut colours) = boxes.swap_remove(at);
        colours.sort_by_key(|(colour, _)| colour[axis]);
        let half: u64 = colours.iter().map(|(_, count)| count).sum::<u64>() / 2;
        let mut seen = 0;
        let middle = colours.iter().position(|(_, count)| {
            seen += count;
            seen > half
        });
        let cut = middle.unwrap_or(0).clamp(1, colours.len() - 1);
        let upper = colours.split_off(cut);
        boxes.extend([weighed(colours), weighed(upper)]);
    }
    boxes.into_iter().map(|(_, _, colours)| colours).collect()
}

/// The axis that a box is longest in, and how long.
fn longest(colours: &[Count]) -> (usize, u8) {
    let length = |axis: usize| {
        let values = colours.iter().map(|(colour, _)| colour[axis]);
        values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
    };
    let lengths = [0, 1, 2].map(|axis| (axis, length(axis)));
    lengths
        .into_iter()
        .max_by_key(|(_, length)| *length)
        .unwrap_or((0, 0))
}
