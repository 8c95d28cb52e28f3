using System.Globalization;
using System.Text.RegularExpressions;
using PkgForge.Registry;

namespace PkgForge.Server.Publishing;

/// <summary>A package of a snapshot: a file in the pool, whose place follows from its name and content.</summary>
/// <param name="Path">Relative to the repository: <c>pool/h/hello/0123456789ab/hello_2.10-3_amd64.deb</c>.</param>
/// <param name="Product">What it is.</param>
internal sealed partial record Member(string Path, Product Product)
{
    private const int DigestLength = 12;

    public string FileName => Product.FileName;

    /// <summary>The member that a product becomes. The name must be safe.</summary>
    /// <param name="product">A package.</param>
    /// <param name="package">Name of the package, which groups its files.</param>
    public static Member Of(Product product, string package) =>
        new(
            $"pool/{char.ToLowerInvariant(package[0])}/{package}/{product.Sha256[..DigestLength]}/{product.FileName}",
            product
        );

    /// <summary>
    /// True for what Debian Policy 5.6.1 and 5.6.12 and RPM allow in the parts of a file name, and no more: nothing that a
    /// tool's list, an index or a URL would read as something else.
    /// </summary>
    public static bool IsSafe(string fileName) => SafeName().IsMatch(fileName);

    /// <summary>One line of the file <c>packages</c>: path, name, size, digest, between tabs.</summary>
    public string ToLine() => $"{Path}\t{FileName}\t{Product.Size}\t{Product.Sha256}";

    public static Member FromLine(string line)
    {
        var fields = line.Split('\t');
        return fields.Length == 4 && long.TryParse(fields[2], CultureInfo.InvariantCulture, out var size)
            ? new(fields[0], new(fields[1], size, fields[3]))
            : throw new FarmFaultException($"not a line of a snapshot's list of packages: '{line}'");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._+~^:%-]{0,250}\z")]
    private static partial Regex SafeName();
}
