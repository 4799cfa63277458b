-- What Pandoc's Typst writer drops: the alternative text of pictures and formulas, without which there is no PDF/UA.
-- It runs on the Pandoc path only, after the floats are made. (Quarto has a filter of its own.)

if FORMAT ~= "typst" then
  return {}
end

local function fail(message)
  error("fls: " .. message, 0)
end

local function typst_string(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"'
end

local function length(value)
  local amount, unit = value:match("^([%d.]+)(%a*%%?)$")
  if not amount then
    fail("an image has the width '" .. value .. "', which is no length.")
  end
  if unit == "" or unit == "px" then
    return tostring(tonumber(amount) * 0.75) .. "pt"
  end
  return amount .. unit
end

local function typst_image(image)
  local options = { typst_string(image.src) }
  for _, side in ipairs({ "width", "height" }) do
    if image.attributes[side] then
      table.insert(options, side .. ": " .. length(image.attributes[side]))
    end
  end
  local alt = image.attributes["fig-alt"] or image.attributes.alt or pandoc.utils.stringify(image.caption)
  if alt ~= "" then
    table.insert(options, "alt: " .. typst_string(alt))
  end
  return pandoc.RawInline("typst", "#box(image(" .. table.concat(options, ", ") .. "))")
end

-- PDF/UA asks for words beside each formula; the formula as it was typed is read out.
local function typst_math(math)
  local formula = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", "")
  local block = math.mathtype == "DisplayMath" and "block: true, " or ""
  return pandoc.RawInline("typst", "#math.equation(" .. block .. "alt: " .. typst_string(math.text) .. ", " .. formula .. ")")
end

return { { Image = typst_image, Math = typst_math } }
