// What only the rendered page knows, as one list of complaints: evaluated by browser.py.
() => {
    const found = new Set();
    const name = (element) => `<${element.localName} class="${element.getAttribute("class") || ""}">`;

    const scrolls = (element) => {
        for (let e = element; e && e !== document.body; e = e.parentElement)
            if (getComputedStyle(e).overflowX !== "visible") return true;
        return false;
    };
    const excess = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (excess > 0) {
        const culprit = [...document.querySelectorAll("main *, header *")].find(
            (e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e));
        found.add(`is ${excess} pixels too wide because of ${culprit ? name(culprit) : "a text"}`);
    }

    // What the notebook shows of an output that has no form for this page, such as empty Markdown.
    for (const output of document.querySelectorAll(".cell_output pre"))
        if (/^<[\w.]+ object/.test(output.textContent))
            found.add(`output without a form: ${output.textContent.trim()}`);

    for (const image of document.images) {
        const alt = (image.getAttribute("alt") || "").trim();
        // Without a description of its own an image is called like its file.
        if (!alt || /^\S+\.(png|svg|jpe?g)$/.test(alt))
            found.add(`image without a description: ${image.getAttribute("src").slice(0, 80)}`);
    }
    const ownDrawings = ".fer-exhibit svg:not(svg svg)";
    for (const drawing of document.querySelectorAll(ownDrawings))
        if (!drawing.getAttribute("aria-label"))
            found.add(`drawing without a description: ${drawing.outerHTML.slice(0, 80)}`);

    // Text against the nearest opaque background; 3 to 1 is WCAG's limit for large text.
    const rgba = (text) => {
        const numbers = (text.match(/[\d.]+/g) || []).map(Number);
        const scale = text.startsWith("color(") ? 255 : 1;
        const [r, g, b, alpha = 1] = numbers;
        return numbers.length < 3 ? null : [r * scale, g * scale, b * scale, alpha];
    };
    const luminance = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = rgba(getComputedStyle(e).backgroundColor);
            if (colour && colour[3] > 0.5) return colour;
        }
        return [255, 255, 255, 1];
    };
    const opacity = (element) => {
        let product = 1;
        for (let e = element; e; e = e.parentElement) product *= getComputedStyle(e).opacity;
        return product;
    };
    const seen = new Set();
    for (const element of document.querySelectorAll(".bd-article *:not(.headerlink)")) {
        const ownText = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!ownText || element.closest("script, style") || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
        if (!ink || !ink[3]) continue;
        // White words of a drawing stand on a badge of its own.
        if (element instanceof SVGElement && Math.min(...ink.slice(0, 3)) === 255) continue;
        const ground = background(element);
        const cover = ink[3] * opacity(element);
        const shown = ground.map((value, i) => cover * ink[i] + (1 - cover) * value);
        const [low, high] = [luminance(shown), luminance(ground)].sort((a, b) => a - b);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast >= 3 || seen.has(name(element))) continue;
        seen.add(name(element));
        found.add(`text hard to see in the ${document.documentElement.dataset.theme} theme, contrast ` +
            `${contrast.toFixed(1)}, in ${name(element)}: ${element.textContent.trim().slice(0, 40)}`);
    }
    return [...found];
}
