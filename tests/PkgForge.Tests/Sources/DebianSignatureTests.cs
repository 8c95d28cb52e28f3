using AwesomeAssertions;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Sources;
using PkgForge.Sources.Debian;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>Signatures of the real gpg over a .dsc, where policy asks for one.</summary>
public sealed class DebianSignatureTests : IDisposable
{
    private readonly DscSet set = new();

    public void Dispose() => set.Dispose();

    [Theory]
    [InlineData("ed25519", false)]
    [InlineData("ed25519", true)]
    [InlineData("rsa3072", false)]
    [InlineData("rsa3072", true)]
    [InlineData("nistp256", false)]
    public void A_signature_of_gpg_by_a_key_of_the_keyring_is_good(string algorithm, bool armored)
    {
        using var key = new SigningKey(algorithm);
        set.Validate(key.Sign(set.Text), key.Keyring(armored)).Should().Be(ValidationResult.Valid);
    }

    [Fact]
    public void A_signature_by_a_subkey_is_good()
    {
        using var key = new SigningKey("rsa3072");
        key.Gpg("--quick-add-key", key.Fingerprint, "ed25519", "sign", "never");
        set.Validate(key.Sign(set.Text), key.Keyring()).Should().Be(ValidationResult.Valid);
    }

    [Fact]
    public void A_signed_dsc_is_read_where_no_signature_is_asked_for()
    {
        using var key = new SigningKey("ed25519");
        set.Validate(key.Sign(set.Text)).Should().Be(ValidationResult.Valid);
    }

    [Fact]
    public void An_unsigned_dsc_is_refused_where_a_signature_is_asked_for()
    {
        using var key = new SigningKey("ed25519");
        set.Validate(set.Text, key.Keyring()).Rule.Should().Be("unsigned");
    }

    [Fact]
    public void A_signature_by_an_unknown_key_is_refused_and_the_key_is_named()
    {
        using var key = new SigningKey("ed25519");
        using var other = new SigningKey("ed25519");
        var result = set.Validate(key.Sign(set.Text), other.Keyring());
        result.Rule.Should().Be("signature");
        result.Message.Should().Contain(key.Fingerprint[^16..]);
    }

    [Fact]
    public void One_of_two_signatures_by_a_known_key_is_enough()
    {
        using var key = new SigningKey("ed25519");
        using var other = new SigningKey("rsa3072");
        other.Gpg("--import", ExportSecret(key));
        var signed = other.Sign(set.Text, "--local-user", key.Fingerprint, "--local-user", other.Fingerprint);
        set.Validate(signed, key.Keyring()).Should().Be(ValidationResult.Valid);
    }

    [Theory]
    [InlineData("Version: 2:1.0-1", "Version: 3:1.0-1")]
    [InlineData("any all", "any  all")]
    [InlineData("Source: tiny", "Source:  tiny")]
    public void A_text_that_was_changed_after_signing_is_refused(string old, string changed)
    {
        using var key = new SigningKey("ed25519");
        var signed = key.Sign(set.Text).Replace(old, changed, StringComparison.Ordinal);
        var result = set.Validate(signed, key.Keyring());
        result.Rule.Should().Be("signature");
        result.Message.Should().Contain("does not match");
    }

    [Fact]
    public void White_space_at_the_end_of_a_line_is_not_signed_and_not_read()
    {
        using var key = new SigningKey("ed25519");
        var signed = key.Sign(set.Text).Replace("Source: tiny\n", "Source: tiny \t\n", StringComparison.Ordinal);
        set.Validate(signed, key.Keyring()).Should().Be(ValidationResult.Valid);
    }

    [Fact]
    public void Nothing_may_stand_around_the_signed_text()
    {
        using var key = new SigningKey("ed25519");
        var (signed, keyring) = (key.Sign(set.Text), key.Keyring());
        set.Validate("Source: other\n" + signed, keyring).Rule.Should().Be("signature-frame");
        set.Validate("\n" + signed, keyring).Rule.Should().Be("signature-frame");
        set.Validate(signed + "Source: other\n", keyring).Rule.Should().Be("signature-frame");
        set.Validate(signed + signed, keyring).Rule.Should().Be("signature-frame");
        var header = signed.Replace("\n\nFormat", "\nSource: other\n\nFormat", StringComparison.Ordinal);
        set.Validate(header, keyring).Rule.Should().Be("signature-frame");
        set.Validate(signed + "\n\n", keyring).Should().Be(ValidationResult.Valid);
    }

    [Fact]
    public void A_weak_digest_is_refused()
    {
        using var key = new SigningKey("rsa3072");
        var result = set.Validate(key.Sign(set.Text, "--digest-algo", "SHA1"), key.Keyring());
        result.Rule.Should().Be("signature");
        result.Message.Should().Contain("weak");
    }

    [Fact]
    public void A_revoked_key_is_refused()
    {
        using var key = new SigningKey("ed25519");
        var signed = key.Sign(set.Text);
        key.Revoke();
        set.Validate(signed, key.Keyring()).Message.Should().Contain("revoked");
    }

    [Fact]
    public void A_key_must_not_have_expired_when_it_signed()
    {
        using var key = new SigningKey("ed25519", "20200101T000000", "1y");
        var before = key.Sign(set.Text, "--faked-system-time", "20200601T000000");
        var expiring = key.Keyring();
        key.Gpg("--quick-set-expire", key.Fingerprint, "0");
        set.Validate(before, expiring).Should().Be(ValidationResult.Valid);
        set.Validate(key.Sign(set.Text), expiring).Message.Should().Contain("had expired");
    }

    [Fact]
    public void A_signature_that_has_expired_or_comes_from_the_future_is_refused()
    {
        using var key = new SigningKey("ed25519");
        var signed = key.Sign(set.Text, "--default-sig-expire", "7d");
        Check(signed, key, days: 1).Should().BeNull();
        Check(signed, key, days: 8).Should().Contain("expired");
        Check(signed, key, days: -8).Should().Contain("future");
    }

    [Fact]
    public void Damage_to_a_signed_dsc_never_throws_and_never_makes_another_package()
    {
        using var key = new SigningKey("ed25519");
        var (signed, keyring) = (System.Text.Encoding.UTF8.GetBytes(key.Sign(set.Text)), key.Keyring());
        Gen.Select(Gen.Int[0, signed.Length - 1], Gen.Byte)
            .Sample(
                (place, value) =>
                {
                    var wrong = (byte[])signed.Clone();
                    wrong[place] = value;
                    var package = new DebianSource(set.Scratch.Write(set.Name, wrong), keyring);
                    return !package.Validate().IsValid || package is { Name: "tiny", Version: "2:1.0-1" };
                },
                threads: 1,
                iter: 1500
            );
    }

    [Fact]
    public void Random_packets_never_throw()
    {
        using var key = new SigningKey("ed25519");
        var keyring = key.Keyring();
        var text = "text"u8.ToArray();
        Gen.Byte.Array[1, 300].Sample(packets => keyring.Verify(text, packets) is not null, threads: 1, iter: 1000);
        Gen.Select(Gen.Byte[3, 6], Gen.Byte.Array[1, 180])
            .Sample(
                (version, rest) =>
                    keyring.Verify(text, [0xc2, (byte)(rest.Length + 2), version, 1, .. rest]) is not null,
                threads: 1,
                iter: 3000
            );
    }

    [Fact]
    public void A_signature_packet_with_one_changed_byte_never_verifies_another_text()
    {
        using var key = new SigningKey("ed25519");
        var keyring = key.Keyring();
        ClearSigned.TryParse(key.Sign("text"), out var signed, out _).Should().BeTrue();
        var packets = OpenPgpArmor.Decode(signed!.Armor)!;
        keyring.Verify(signed.SignedBytes(), packets).Should().BeNull();
        Gen.Select(Gen.Int[0, packets.Length - 1], Gen.Byte)
            .Sample(
                (place, value) =>
                {
                    var wrong = (byte[])packets.Clone();
                    wrong[place] = value;
                    return keyring.Verify("other"u8.ToArray(), wrong) is not null;
                },
                threads: 1,
                iter: 3000
            );
    }

    [Theory]
    [InlineData("c201ff", true)]
    [InlineData("8801ff", true)]
    [InlineData("890001ff", true)]
    [InlineData("8a00000001ff", true)]
    [InlineData("c2ff00000001ff", true)]
    [InlineData("c201ff8801ff", true)]
    [InlineData("c202ff", false)]
    [InlineData("c2ffffffffffff", false)]
    [InlineData("8bff", false)]
    [InlineData("c2e1ff", false)]
    [InlineData("c801ff", false)]
    [InlineData("c201ffcb01ff", false)]
    [InlineData("c2", false)]
    [InlineData("00", false)]
    public void Only_whole_signature_packets_reach_the_library(string hex, bool are) =>
        OpenPgpPackets.AreSignatures(Convert.FromHexString(hex)).Should().Be(are);

    [Fact]
    public void A_file_without_keys_is_no_keyring()
    {
        foreach (
            var content in (string[])
                ["", "no keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"]
        )
        {
            var load = () => OpenPgpKeyring.Load(set.Scratch.Write("keyring", content));
            load.Should().Throw<InvalidDataException>().WithMessage("*keyring*no OpenPGP public keys*");
        }
    }

    private string ExportSecret(SigningKey key)
    {
        key.Gpg("--output", set.Scratch["secret"], "--export-secret-keys");
        return set.Scratch["secret"];
    }

    private string? Check(string signed, SigningKey key, int days)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days));
        return set.Validate(signed, key.Keyring(time: clock)).Message;
    }
}
