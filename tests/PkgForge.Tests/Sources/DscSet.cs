using System.Security.Cryptography;
using System.Text;
using PkgForge.Sources;
using PkgForge.Sources.Debian;

namespace PkgForge.Tests.Sources;

/// <summary>A Debian source package in a directory of its own, right in everything until a test changes it.</summary>
internal sealed class DscSet : IDisposable
{
    private readonly Dictionary<string, string> fields = [];

    public DscSet()
    {
        byte[] orig = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
        Scratch.Write("tiny_1.0.orig.tar.gz", orig);
        Scratch.Write("tiny_1.0-1.debian.tar.xz", "packaging"u8.ToArray());
        string[] names = ["tiny_1.0.orig.tar.gz", "tiny_1.0-1.debian.tar.xz"];
        Set("Format", "3.0 (quilt)").Set("Source", "tiny").Set("Architecture", "any all").Set("Version", "2:1.0-1");
        Set("Maintainer", "Somebody <somebody@example.org>")
            .Set("Build-Depends", "debhelper-compat (= 13),\n gcc [amd64]");
        Set("Checksums-Sha1", List(names, SHA1.HashData)).Set("Checksums-Sha256", List(names, SHA256.HashData));
        Set("Files", List(names, MD5.HashData));
    }

    public Scratch Scratch { get; } = new();

    public string Name { get; set; } = "tiny_1.0-1.dsc";

    public string Text => string.Concat(fields.Select(pair => $"{pair.Key}: {pair.Value}\n"));

    public DscSet Set(string field, string value)
    {
        fields[field] = value;
        return this;
    }

    public DscSet Without(string field)
    {
        fields.Remove(field);
        return this;
    }

    /// <summary>Changes a value that is there, in every field.</summary>
    public DscSet Replace(string old, string text)
    {
        foreach (var field in fields.Keys.ToList())
            fields[field] = fields[field].Replace(old, text, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Changes a value that is there, in one field.</summary>
    public DscSet Replace(string field, string old, string text) =>
        Set(field, fields[field].Replace(old, text, StringComparison.Ordinal));

    public string Line(string field, int line) => fields[field].Split('\n')[line];

    public DebianSource Source(OpenPgpKeyring? keyring = null) => new(Scratch.Write(Name, Text), keyring);

    public ValidationResult Validate() => Source().Validate();

    public ValidationResult Validate(byte[] dsc, OpenPgpKeyring? keyring = null) =>
        new DebianSource(Scratch.Write(Name, dsc), keyring).Validate();

    public ValidationResult Validate(string dsc, OpenPgpKeyring? keyring = null) =>
        Validate(Encoding.UTF8.GetBytes(dsc), keyring);

    public void Dispose() => Scratch.Dispose();

    private string List(string[] names, Func<byte[], byte[]> hash) =>
        string.Concat(
            names.Select(name =>
            {
                var bytes = File.ReadAllBytes(Scratch[name]);
                return $"\n {Convert.ToHexStringLower(hash(bytes))} {bytes.Length} {name}";
            })
        );
}
