using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources.Debian;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class ClearSignedTests
{
    private const string Frame =
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{0}\n-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";

    [Fact]
    public void What_gpg_signs_is_what_is_read_whatever_the_text()
    {
        const string text = "- dash\n-----BEGIN\n\n trailing \t \n- - twice\n-\nFrom me\nlast";
        using var key = new SigningKey("ed25519");
        ClearSigned.TryParse(key.Sign(text), out var signed, out _).Should().BeTrue();
        signed!.Text.Should().Be(text.Replace(" \t \n", "\n", StringComparison.Ordinal));
        key.Keyring().Verify(signed.SignedBytes(), OpenPgpArmor.Decode(signed.Armor)!).Should().BeNull();
    }

    [Fact]
    public void Dashes_are_unescaped_and_lines_end_as_they_were_signed()
    {
        Parse(Format("- -a\n- b\nc  ")).Should().Be("-a\nb\nc");
        ClearSigned.TryParse(Format("a\nb"), out var signed, out _).Should().BeTrue();
        signed!.SignedBytes().Should().Equal("a\r\nb"u8.ToArray());
    }

    [Theory]
    [InlineData("-a")]
    [InlineData("-----BEGIN PGP SIGNED MESSAGE-----")]
    public void A_line_with_a_dash_must_be_escaped(string line) => Parse(Format(line)).Should().BeNull();

    [Fact]
    public void A_frame_with_a_part_missing_is_refused()
    {
        var lines = Format("text").Split('\n');
        foreach (var left in Enumerable.Range(0, lines.Length - 1).Except([1, 3, 5, 6]))
            Parse(string.Join('\n', lines.Where((_, i) => i != left))).Should().BeNull($"line {left} is missing");
    }

    [Theory]
    [InlineData("Comment: x")]
    [InlineData("Source: x")]
    [InlineData("Hash:x")]
    public void Only_Hash_lines_stand_before_the_text(string line) =>
        Parse(Format("text").Replace("Hash: SHA512", line, StringComparison.Ordinal)).Should().BeNull();

    [Fact]
    public void Any_text_comes_out_of_the_frame_as_it_was_put_in() =>
        Gen.String[Gen.Char["-ab \n:"], 0, 60]
            .Sample(text =>
            {
                var expected = string.Join('\n', text.Split('\n').Select(line => line.TrimEnd(' ')));
                var escaped = string.Join(
                    '\n',
                    expected.Split('\n').Select(line => line.StartsWith('-') ? "- " + line : line)
                );
                return Parse(Format(escaped)) == expected;
            });

    [Fact]
    public void The_checksum_of_the_armor_counts()
    {
        OpenPgpArmor.Decode(["", "AAAA"]).Should().Equal(0, 0, 0);
        OpenPgpArmor.Decode(["", "AAAA", "=AAAA"]).Should().BeNull();
        OpenPgpArmor.Decode(["Version: 1", "", "AAAA"]).Should().Equal(0, 0, 0);
        OpenPgpArmor.Decode(["AAAA"]).Should().BeNull();
        OpenPgpArmor.Decode(["", "A?AA"]).Should().BeNull();
        OpenPgpArmor.Decode([]).Should().BeNull();
    }

    private static string Format(string text) => Frame.Replace("{0}", text, StringComparison.Ordinal);

    private static string? Parse(string text) => ClearSigned.TryParse(text, out var signed, out _) ? signed.Text : null;
}
