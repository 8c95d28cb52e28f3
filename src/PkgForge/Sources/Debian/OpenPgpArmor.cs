namespace PkgForge.Sources.Debian;

/// <summary>Decodes the inside of an armored signature (RFC 9580, section 6): headers, base64, checksum.</summary>
internal static class OpenPgpArmor
{
    /// <summary>Most characters; a signature has some 300 to 1,200, and a text may have several.</summary>
    private const int MaxLength = 64 << 10;

    /// <summary>The bytes; null when the lines are not well formed.</summary>
    public static byte[]? Decode(IReadOnlyList<string> lines)
    {
        var body = lines.SkipWhile(line => line.Contains(": ", StringComparison.Ordinal)).ToList();
        if (body.Count < 2 || body[0].Length != 0 || body.Sum(line => line.Length) > MaxLength)
            return null;
        var checksum = body[^1] is ['=', _, _, _, _] ? body[^1][1..] : null;
        var text = string.Concat(body.Skip(1).Take(body.Count - (checksum is null ? 1 : 2)));
        var bytes = Base64(text);
        return bytes is { Length: > 0 } && (checksum is null || Matches(bytes, checksum)) ? bytes : null;
    }

    private static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }

    private static bool Matches(byte[] bytes, string checksum) =>
        Base64(checksum) is [var high, var middle, var low] && Crc24(bytes) == (high << 16 | middle << 8 | low);

    /// <summary>RFC 9580, section 6.1. It guards against damage only.</summary>
    private static int Crc24(byte[] bytes)
    {
        var crc = 0xb704ce;
        foreach (var b in bytes)
        {
            crc ^= b << 16;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc << 1) ^ ((crc & 0x800000) == 0 ? 0 : 0x1864cfb);
        }

        return crc & 0xffffff;
    }
}
