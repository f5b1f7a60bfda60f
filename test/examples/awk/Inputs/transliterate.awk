{ gsub(/ä/, "ae"); gsub(/ö/, "oe"); gsub(/ü/, "ue"); gsub(/ß/, "ss"); gsub(/[0-9]+/, "[&]"); print }
