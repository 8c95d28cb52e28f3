using PkgForge.Sources.Debian;

namespace PkgForge.Tests.Sources;

/// <summary>A key of gpg in a home of its own; its agent is ended with it.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly Scratch home = new();

    /// <param name="algorithm">As gpg names it: <c>ed25519</c>, <c>rsa3072</c>.</param>
    /// <param name="time">When it is made, as seconds since 1970; null is now.</param>
    /// <param name="expires">As gpg writes it.</param>
    public SigningKey(string algorithm, string? time = null, string expires = "never")
    {
        string[] clock = time is null ? [] : ["--faked-system-time", time];
        Gpg([.. clock, "--quick-generate-key", "Tester <tester@example.org>", algorithm, "cert,sign", expires]);
        Fingerprint = Gpg("--with-colons", "--list-keys")
            .Split('\n')
            .First(l => l.StartsWith("fpr:", StringComparison.Ordinal))
            .Split(':')[9];
    }

    public string Fingerprint { get; }

    public string Gpg(params IEnumerable<string> arguments) =>
        Tool.Run(
            "gpg",
            [
                "--homedir",
                home.Path,
                "--batch",
                "--yes",
                "--quiet",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
                .. arguments,
            ]
        );

    public string Sign(string text, params IEnumerable<string> options)
    {
        var (plain, signed) = (home.Write("text", text), home["signed"]);
        Gpg([.. options, "--output", signed, "--clearsign", plain]);
        return File.ReadAllText(signed);
    }

    public OpenPgpKeyring Keyring(bool armored = false, TimeProvider? time = null)
    {
        var path = home["keyring"];
        string[] form = armored ? ["--armor"] : [];
        Gpg([.. form, "--output", path, "--export"]);
        return OpenPgpKeyring.Load(path, time);
    }

    /// <summary>Revokes the key with the certificate that gpg made along with it.</summary>
    public void Revoke()
    {
        var certificate = Directory.EnumerateFiles(home["openpgp-revocs.d"]).Single();
        Gpg(
            "--import",
            home.Write(
                "revocation",
                File.ReadAllText(certificate).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal)
            )
        );
    }

    public void Dispose()
    {
        Tool.Run("gpgconf", "--homedir", home.Path, "--kill", "all");
        home.Dispose();
    }
}
