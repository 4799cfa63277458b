-- Numbers, captions and references, which Quarto makes by itself and plain Pandoc does not.
-- It runs on the Pandoc path only. The wording and the separators are Quarto's, so that both paths read the same.

local NBSP = "\u{a0}"
local WORDS = { fig = "Figure", tbl = "Table", sec = "Section" }

local is_html = FORMAT:match("^html") ~= nil
local is_docx = FORMAT == "docx"
local is_typst = FORMAT == "typst"

local numbers = {} -- label -> the number as printed
local sections_are_numbered = true

local function fail(message)
  error("fls: " .. message, 0)
end

local function kind_of(label)
  return label:match("^(%l+)%-")
end

local function is_float(label)
  local kind = kind_of(label)
  return kind == "fig" or kind == "tbl"
end

local function raw(text)
  return pandoc.RawBlock("typst", text)
end

-- Numbering ----------------------------------------------------------------------------------------------------

local function top_level(document)
  local top = 7
  document:walk({
    Header = function(header)
      top = math.min(top, header.level)
    end,
  })
  return top
end

local function define(label, number)
  if numbers[label] then
    fail("the label '" .. label .. "' stands in the report twice.")
  end
  numbers[label] = number
end

local function numbered(document)
  sections_are_numbered = document.meta["number-sections"] ~= false
  document.meta["number-sections"] = nil
  local top, sections, floats = top_level(document), {}, { fig = 0, tbl = 0 }
  local function number_float(element)
    if is_float(element.identifier) then
      local kind = kind_of(element.identifier)
      floats[kind] = floats[kind] + 1
      define(element.identifier, tostring(floats[kind]))
      return nil, false
    end
  end
  return document:walk({
    traverse = "topdown",
    Header = function(header)
      if not sections_are_numbered or header.classes:includes("unnumbered") then
        return nil
      end
      local depth = header.level - top + 1
      sections[depth] = (sections[depth] or 0) + 1
      for deeper = depth + 1, 7 do
        sections[deeper] = 0
      end
      local parts = {}
      for level = 1, depth do
        parts[level] = tostring(sections[level] or 0)
      end
      header.attributes.number = table.concat(parts, ".")
      if kind_of(header.identifier) == "sec" then
        define(header.identifier, header.attributes.number)
      end
      return header
    end,
    Div = number_float,
    Figure = number_float,
    Table = number_float,
  })
end

local function heading(header)
  local number = header.attributes.number
  if not number then
    return nil
  end
  if is_html then
    header.content:insert(1, pandoc.Space())
    header.content:insert(1, pandoc.Span({ pandoc.Str(number) }, { class = "header-section-number" }))
  elseif is_docx then
    header.content:insert(1, pandoc.Space())
    header.content:insert(1, pandoc.Str(header.level == 1 and number .. "." or number))
  end
  if not is_html then
    header.attributes.number = nil
  end
  return header
end

-- References ---------------------------------------------------------------------------------------------------

local function reference(citation)
  local label = citation.id
  local number, word = numbers[label], WORDS[kind_of(label)]
  if not number then
    local reason = " points at nothing."
    if word == WORDS.sec and not sections_are_numbered then
      reason = " points at a section, and 'number-sections: false' leaves those without a number."
    end
    fail("the reference @" .. label .. reason)
  end
  local prefix = pandoc.Inlines({})
  if #citation.prefix > 0 then
    prefix = citation.prefix
  elseif citation.mode ~= "SuppressAuthor" then
    prefix = pandoc.Inlines({ pandoc.Str(word) })
  end
  if is_typst then
    local words = pandoc.utils.stringify(prefix)
    return pandoc.RawInline("typst", "#ref(<" .. label .. ">, supplement: [" .. words .. "])")
  end
  local text = pandoc.Inlines({})
  text:extend(prefix)
  text:insert(pandoc.Str((#prefix > 0 and NBSP or "") .. number))
  return pandoc.Link(text, "#" .. label, "", { class = "quarto-xref" })
end

local function references(cite)
  local result = pandoc.Inlines({})
  for position, citation in ipairs(cite.citations) do
    if not WORDS[kind_of(citation.id) or ""] then
      fail("the reference @" .. citation.id .. " is of a kind that is not numbered here.")
    end
    if position > 1 then
      result:extend({ pandoc.Str(","), pandoc.Space() })
    end
    result:insert(reference(citation))
  end
  return result
end

-- Floats -------------------------------------------------------------------------------------------------------

-- A float is a figure or table that is numbered. It may stand as a Figure, as a Table or as a Div; each gives the same parts.

local function caption_paragraph(block)
  if block.t ~= "Para" and block.t ~= "Plain" then
    return nil
  end
  local only = #block.content == 1 and block.content[1]
  if only and only.t == "Span" and only.classes:includes("caption") then
    return only.content
  end
  return block.content
end

local function without_caption(block)
  if block.t == "Table" then
    local caption = pandoc.utils.blocks_to_inlines(block.caption.long)
    block.caption = { long = pandoc.Blocks({}) }
    block.identifier = ""
    return pandoc.Blocks({ block }), caption
  end
  return block.content, pandoc.utils.blocks_to_inlines(block.caption.long)
end

local function parts_of_div(div)
  local content = div.content:clone()
  local caption = pandoc.Inlines({})
  if #content > 1 then
    caption = caption_paragraph(content[#content]) or caption
    if #caption > 0 then
      content:remove(#content)
    end
  elseif content[1] and (content[1].t == "Figure" or content[1].t == "Table") then
    return without_caption(content[1])
  end
  return content, caption
end

local function alt_text(image)
  return image.attributes["fig-alt"] or image.attributes.alt
end

-- Pandoc keeps alternative text where Markdown has the caption; Quarto keeps it in fig-alt.
local function with_alt(blocks, inherited)
  return blocks:walk({
    Image = function(image)
      local alt = alt_text(image) or inherited
      image.caption = alt and pandoc.Inlines({ pandoc.Str(alt) }) or pandoc.Inlines({})
      image.attributes["fig-alt"], image.attributes.alt = nil, nil
      image.identifier = ""
      return image
    end,
  })
end

local function as_figure(blocks)
  return blocks:walk({
    Para = function(paragraph)
      return pandoc.Plain(paragraph.content)
    end,
  })
end

local function html_or_docx(label, content, caption)
  local kind = kind_of(label)
  local title = pandoc.Inlines({ pandoc.Str(WORDS[kind] .. NBSP .. numbers[label] .. ":"), pandoc.Space() })
  title:extend(caption)
  local first = content[1]
  if kind == "tbl" and first and first.t == "Table" then
    first.caption = { long = pandoc.Blocks({ pandoc.Plain(title) }) }
    -- A wide table scrolls by itself on a narrow screen, so the keyboard must reach it.
    -- (Attributes in pairs: the order of a Lua table is another in each run.)
    local name = WORDS.tbl .. " " .. numbers[label]
    local reach = is_html and { { "role", "region" }, { "aria-label", name }, { "tabindex", "0" } } or {}
    if is_docx and #content > 1 then
      local notes = pandoc.Div({ table.unpack(content, 2) }, { ["custom-style"] = "Table Note" })
      content = { first, notes }
    end
    return pandoc.Div(content, pandoc.Attr(label, { "float", "float-tbl" }, reach))
  end
  local figure = pandoc.Figure(as_figure(content), pandoc.Blocks({ pandoc.Plain(title) }))
  figure.attr = pandoc.Attr(label, { "float", "float-" .. kind })
  return figure
end

local function typst_float(label, content, caption)
  local kind = kind_of(label)
  local position = kind == "tbl" and "top" or "bottom"
  local before = "], caption: figure.caption(position: %s, ["
  local after = ']), kind: "quarto-float-%s", supplement: "%s", numbering: "1")<%s>'
  local blocks = pandoc.Blocks({ raw("#figure([") })
  blocks:extend(content)
  local foot = pandoc.Inlines({ pandoc.RawInline("typst", before:format(position)) })
  foot:extend(caption)
  foot:insert(pandoc.RawInline("typst", after:format(kind, WORDS[kind], label)))
  blocks:insert(pandoc.Para(foot))
  return blocks
end

local function float(element)
  if not is_float(element.identifier) then
    return nil
  end
  local content, caption
  if element.t == "Div" then
    content, caption = parts_of_div(element)
  else
    content, caption = without_caption(element)
  end
  content = with_alt(pandoc.Blocks(content), element.attributes["fig-alt"])
  local draw = is_typst and typst_float or html_or_docx
  return draw(element.identifier, content, caption), false
end

return {
  { Pandoc = numbered },
  { Header = heading, Cite = references },
  { traverse = "topdown", Figure = float, Table = float, Div = float },
}
